namespace Superposition.Training;

/// <summary>How often a training that may be stopped is saved, and how much of that is kept.</summary>
public sealed record CheckpointOptions
{
    /// <summary>Time between two checkpoints; longer where saving one takes more than a hundredth of it, so that with the write-back that follows it costs 2 % of a training at most. A minute by default.</summary>
    public TimeSpan Every { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Steps between two of them besides; 0, the default, for none.</summary>
    public long EverySteps { get; init; }

    /// <summary>How many are kept, the newest; at least 1, by default 2, so that there is one where the newest is damaged.</summary>
    public int Keep { get; init; } = 2;

    /// <summary>Told of each checkpoint that is passed over because it is not whole.</summary>
    public Action<string>? Skipped { get; init; }

    /// <summary>The folder that a run's checkpoints lie in, beside its own, which is made at the end: <c>.NAME.checkpoint</c>.</summary>
    public static string FolderOf(string run)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(run));
        return Path.Combine(Path.GetDirectoryName(full)!, $".{Path.GetFileName(full)}.checkpoint");
    }

    internal bool IsDue(long lastStep, long step, TimeSpan sinceLast) =>
        (EverySteps > 0 && step / EverySteps > lastStep / EverySteps) || sinceLast >= Every;

    internal IEnumerable<string> Problems()
    {
        if (Every < TimeSpan.Zero) yield return $"Every is {Every}; it must be 0 or more.";
        if (EverySteps < 0) yield return $"EverySteps is {EverySteps}; it must be 0 or more.";
        if (Keep < 1) yield return $"Keep is {Keep}; it must be at least 1.";
    }
}

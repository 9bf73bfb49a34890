namespace Superposition.Storage;

/// <summary>
/// A hidden folder beside a target, in which it is gathered: <c>.NAME.partial-…</c>, with a lock of the system's beside it that ends with the process.
/// What a process that was killed left of one is deleted by the next that writes to that target.
/// </summary>
sealed class PartialFolder : IDisposable
{
    const string What = "partial", LockEnding = ".lock";

    readonly FileStream held;

    /// <summary>Makes one; missing parents are made.</summary>
    public PartialFolder(RunTarget target)
    {
        Sweep(target);
        Path = target.Sibling(What);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
        held = new(Path + LockEnding, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
        try
        {
            Directory.CreateDirectory(Path);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>Where it lies.</summary>
    public string Path { get; }

    /// <summary>Deletes those of a target whose process is gone.</summary>
    public static void Sweep(RunTarget target)
    {
        foreach (var held in target.Siblings(What).Where(path => path.EndsWith(LockEnding, StringComparison.Ordinal)).ToArray())
        {
            try
            {
                using var own = new FileStream(held, FileMode.Open, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
                RunTarget.DeleteQuietly(held[..^LockEnding.Length]);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // Another process writes, or has just ended.
            }
        }
    }

    /// <summary>Deletes it, unless it was renamed.</summary>
    public void Dispose()
    {
        RunTarget.DeleteQuietly(Path);
        held.Dispose();
    }
}

using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Superposition.Storage;

namespace Superposition.Training;

/// <summary>
/// Where a training that was stopped goes on: a folder of safetensors files, <c>step-STEP-SHA256.safetensors</c>, each written beside, flushed to
/// the disk and renamed when it is whole. A name holds its file's SHA-256, so that no changed bit goes unseen. On the CPU what is trained on
/// from one is bit by bit what it would have been.
/// </summary>
/// <param name="folder">The folder; nobody else's.</param>
/// <param name="recipe">All that the training follows from; a checkpoint of another recipe is refused.</param>
/// <param name="options">When it is saved.</param>
internal sealed partial class Checkpoint(string folder, string recipe, CheckpointOptions? options = null)
{
    const string Recipe = "recipe", Step = "step", Unnamed = "unnamed";
    const int CostShare = 100;   // time between two is at least so many times what the last one took

    readonly CheckpointOptions options = options ?? new();
    readonly Stopwatch sinceLast = Stopwatch.StartNew();
    TimeSpan took;
    long lastStep;

    /// <summary>That of a run, beside its folder.</summary>
    /// <exception cref="OptionsException">The options cannot be used.</exception>
    public static Checkpoint Beside(string run, string recipe, CheckpointOptions? options)
    {
        OptionsException.ThrowIfAny(nameof(CheckpointOptions), (options ?? new()).Problems());
        return new(CheckpointOptions.FolderOf(run), recipe, options);
    }

    /// <summary>When it is saved.</summary>
    public CheckpointOptions Options => options;

    /// <summary>Whether it is time to save after a step.</summary>
    public bool IsDue(long step) => sinceLast.Elapsed >= took * CostShare
        ? options.IsDue(lastStep, step, sinceLast.Elapsed)
        : options.IsDue(lastStep, step, TimeSpan.MinValue);

    /// <summary>Saves what there is after a step; a state that is not finite is not saved, and those before it stay.</summary>
    /// <exception cref="FileWriteException">It cannot be written; those before it stay.</exception>
    public void Save(long step, IEnumerable<KeyValuePair<string, StoredArray>> tensors)
    {
        var begun = Stopwatch.GetTimestamp();
        KeyValuePair<string, StoredArray>[] all = [.. tensors];
        if (all.All(tensor => IsFinite(tensor.Value)))
        {
            var unnamed = Path.Combine(folder, Unnamed);
            try
            {
                Safetensors.Write(unnamed, all,
                    new Dictionary<string, string> { [Recipe] = recipe, [Step] = step.ToString(CultureInfo.InvariantCulture) });
                Name(unnamed, step);
            }
            catch (Exception error) when (error is FileWriteException || FileWriteException.IsCause(error))
            {
                throw FileWriteException.Because(unnamed, (error as FileWriteException)?.InnerException ?? error, Kept());
            }
        }
        took = Stopwatch.GetElapsedTime(begun);
        sinceLast.Restart();
        lastStep = step;
    }

    /// <summary>The newest that is whole; null where there is none. Those that are not are told of, and stay.</summary>
    /// <exception cref="RunFolderException">It is of another recipe.</exception>
    public SavedTraining? Newest()
    {
        foreach (var path in Files())
        {
            if (!IsWhole(path))
            {
                options.Skipped?.Invoke($"{path} is damaged: its SHA-256 is not the one in its name. It is passed over.");
                continue;
            }
            var file = Safetensors.Read(path);
            if (file.Metadata.GetValueOrDefault(Recipe) != recipe) throw RunFolderException.OtherRecipe(path);
            if (file.Metadata.GetValueOrDefault(Step) is not { } step || !Path.GetFileName(path).StartsWith(Begins(step), StringComparison.Ordinal))
            {
                options.Skipped?.Invoke($"{path} is damaged: its step is not the one in its name. It is passed over.");
                continue;
            }
            lastStep = long.Parse(step, CultureInfo.InvariantCulture);
            return new(lastStep, file);
        }
        return null;
    }

    /// <summary>The training is done: writes what came of it, and only then are there no checkpoints any more.</summary>
    /// <exception cref="FileWriteException">It cannot be written; the checkpoints stay.</exception>
    public void Finish(Action write)
    {
        try
        {
            write();
        }
        catch (FileWriteException error) when (Files().Any(IsWhole))
        {
            throw FileWriteException.Because(error.Where, error.InnerException!, Kept());
        }
        Delete();
    }

    /// <summary>The training is done, or begins anew. What others put into the folder stays.</summary>
    public void Delete()
    {
        if (!Directory.Exists(folder)) return;
        foreach (var own in Files().Concat(Unfinished())) File.Delete(own);
        if (!Directory.EnumerateFileSystemEntries(folder).Any()) Directory.Delete(folder);
    }

    // The newest first.
    IEnumerable<string> Files() => Directory.Exists(folder)
        ? Directory.GetFiles(folder).Where(path => Named().IsMatch(Path.GetFileName(path))).OrderDescending(StringComparer.Ordinal)
        : [];

    // What a process that was killed left of a save.
    IEnumerable<string> Unfinished() => Directory.GetFiles(folder).Where(path => Path.GetFileName(path) is var name
        && (name == Unnamed || (name.StartsWith($".{Unnamed}.", StringComparison.Ordinal) && name.EndsWith(".tmp", StringComparison.Ordinal))));

    void Name(string unnamed, long step)
    {
        var name = $"{Begins(step.ToString(CultureInfo.InvariantCulture))}{Hash(unnamed)}.safetensors";
        File.Move(unnamed, Path.Combine(folder, name), overwrite: true);
        // One above this step is damaged, or it would have been gone on from; it must not push whole ones out.
        var above = Files().TakeWhile(path => Path.GetFileName(path) != name).ToArray();
        foreach (var other in above.Concat(Files().Skip(above.Length + options.Keep)).Concat(Unfinished()).ToArray()) File.Delete(other);
    }

    string Kept() => Files().FirstOrDefault(IsWhole) is { } newest
        ? $"The checkpoint of step {long.Parse(Named().Match(Path.GetFileName(newest)).Groups["step"].Value, CultureInfo.InvariantCulture)} stays whole: resume from it."
        : "There is no earlier checkpoint.";

    static string Begins(string step) => $"step-{step.PadLeft(15, '0')}-";

    static bool IsWhole(string path) => Named().Match(Path.GetFileName(path)).Groups["hash"].Value == Hash(path);

    static string Hash(string path)
    {
        using var stream = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    /// <summary>Whether an array holds numbers alone.</summary>
    public static bool IsFinite(StoredArray array)
    {
        if (array.Type != ElementType.F32) return true;
        foreach (var value in MemoryMarshal.Cast<byte, float>(array.Bytes.Span))
            if (!float.IsFinite(value)) return false;
        return true;
    }

    [GeneratedRegex(@"\Astep-(?<step>\d{15})-(?<hash>[0-9a-f]{64})\.safetensors\z")]
    private static partial Regex Named();
}

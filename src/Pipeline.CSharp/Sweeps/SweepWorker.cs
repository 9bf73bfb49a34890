using Superposition.Storage;

namespace Superposition.Sweeps;

/// <summary>A process that trains a shard of a sweep, every so manieth cell; the folder is all that it shares with others.</summary>
public static class SweepWorker
{
    static readonly TimeSpan Wait = TimeSpan.FromSeconds(0.2);

    /// <summary>Tries each cell of the shard that is left once. A shard has one worker at a time: another one waits until the first is gone.</summary>
    /// <param name="path">The sweep's folder.</param>
    /// <param name="shard">Which, from 0.</param>
    /// <param name="shards">Of how many.</param>
    /// <param name="cancellation">Stops it; the cells that are under way leave checkpoints.</param>
    /// <exception cref="StorageException">There is no sweep, or its folder cannot be written.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static void Run(string path, int shard, int shards, CancellationToken cancellation = default)
    {
        var (folder, plan) = SweepFolder.Shared(path);
        var name = FormattableString.Invariant($"shard-{shard}-of-{shards}");
        using var held = Hold(folder, name, cancellation);
        using var journal = folder.JournalOf(name);
        // Read now: whoever had the shard before has ended some.
        var left = Sweep.Left(plan, folder.States()).Where(cell => cell % shards == shard);
        new CellTraining(plan, folder, journal).Train(left, tell: _ => { }, cancellation);
    }

    static IDisposable Hold(SweepFolder folder, string shard, CancellationToken cancellation)
    {
        for (; ; )
        {
            try
            {
                return folder.HoldShard(shard);
            }
            catch (FileWriteException error) when (error.Reason == FileWriteReason.Taken)
            {
                cancellation.WaitHandle.WaitOne(Wait);
                cancellation.ThrowIfCancellationRequested();
            }
        }
    }
}

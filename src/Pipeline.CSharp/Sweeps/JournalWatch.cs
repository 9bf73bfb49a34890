using System.Diagnostics;

namespace Superposition.Sweeps;

/// <summary>Tells from the journals how far others are; reading them takes a twentieth of the time at most.</summary>
sealed class JournalWatch(SweepRound round)
{
    const int CostShare = 20;
    static readonly TimeSpan Pause = TimeSpan.FromSeconds(0.2), Least = TimeSpan.FromSeconds(1);

    readonly long before = Sweep.Attempts(round.Folder.States());
    readonly Stopwatch since = Stopwatch.StartNew();
    TimeSpan took;

    /// <summary>Waits a moment, and looks if it is time to.</summary>
    public void Look()
    {
        round.Cancellation.WaitHandle.WaitOne(Pause);
        if (since.Elapsed < (took * CostShare > Least ? took * CostShare : Least)) return;
        var begun = Stopwatch.GetTimestamp();
        round.Tell(Math.Min(round.Left.Count, Sweep.Attempts(round.Folder.States()) - before));
        took = Stopwatch.GetElapsedTime(begun);
        since.Restart();
    }
}

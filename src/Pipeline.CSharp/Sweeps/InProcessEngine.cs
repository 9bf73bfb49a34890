namespace Superposition.Sweeps;

/// <summary>Trains cells in this process, batch after batch.</summary>
public sealed class InProcessEngine : SweepEngine
{
    const string Worker = "driver";

    internal override void Round(SweepRound round)
    {
        using var journal = round.Folder.JournalOf(Worker);
        var ended = 0L;
        new CellTraining(round.Plan, round.Folder, journal).Train(round.Left, cells => round.Tell(ended += cells), round.Cancellation);
    }
}

namespace Superposition.Sweeps;

/// <summary>Trains cells in this process, batch after batch, those of one shape side by side in the fused engine.</summary>
public sealed class InProcessEngine : SweepEngine
{
    const string Worker = "driver";

    internal override void Round(SweepRound round)
    {
        using var journal = round.Folder.JournalOf(Worker);
        var ended = 0L;
        CellTraining.Train(round.Left, round.Plan, round.Folder, journal, cells => round.Tell(ended += cells), round.Cancellation);
    }
}

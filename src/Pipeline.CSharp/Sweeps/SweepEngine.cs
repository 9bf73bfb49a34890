namespace Superposition.Sweeps;

/// <summary>Who trains the cells of a sweep.</summary>
public abstract class SweepEngine
{
    private protected SweepEngine()
    {
    }

    /// <summary>Tries each of the cells that are left once; how they ended stands in the folder's journals.</summary>
    /// <exception cref="OperationCanceledException">The round's token was cancelled.</exception>
    internal abstract void Round(SweepRound round);
}

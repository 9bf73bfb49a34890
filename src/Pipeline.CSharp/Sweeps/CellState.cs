namespace Superposition.Sweeps;

/// <summary>What the journals say of one cell.</summary>
/// <param name="End">The attempt that counts: the first that succeeded, else the last known.</param>
/// <param name="Attempts">How many ended.</param>
sealed record CellState(CellEnd End, int Attempts)
{
    const int AttemptsInAll = 3;   // once, and twice again

    /// <summary>Whether nothing more is tried.</summary>
    public bool Settled => !End.Failed || Attempts >= AttemptsInAll;

    public static void Add(Dictionary<long, CellState> states, CellEnd end) => states[end.Cell] = states.TryGetValue(end.Cell, out var known)
        ? new(known.End.Failed ? end : known.End, known.Attempts + 1)
        : new(end, 1);
}

namespace Superposition.Sweeps;

/// <summary>How one attempt at a cell ended; a line of the journal.</summary>
/// <param name="Cell">Its number.</param>
/// <param name="Seed">The model's.</param>
/// <param name="Measured">[measures] What was measured, in the order of the table's columns; null where there is no such number.</param>
/// <param name="Error">What went wrong; null where it is done.</param>
sealed record CellEnd(long Cell, long Seed, double?[] Measured, string? Error)
{
    /// <summary>Whether it failed.</summary>
    internal bool Failed => Error is not null;
}

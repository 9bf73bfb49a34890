namespace Superposition.Sweeps;

/// <summary>How one attempt at a cell ended; a line of the journal.</summary>
/// <param name="Cell">Its number.</param>
/// <param name="Seed">The model's.</param>
/// <param name="Loss">The lowest evaluation loss of its instances; null where it failed.</param>
/// <param name="Instance">Whose loss it is, from 0; null where it failed.</param>
/// <param name="Diverged">How many instances diverged.</param>
/// <param name="Error">What went wrong; null where it is done.</param>
public sealed record CellEnd(long Cell, long Seed, double? Loss, int? Instance, int Diverged, string? Error)
{
    /// <summary>Whether it failed: an error, or every instance diverged.</summary>
    internal bool Failed => Error is not null;
}

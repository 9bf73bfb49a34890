namespace Superposition.Sweeps;

/// <summary>What came of a cell.</summary>
/// <param name="Measured">[measures] In the order of <see cref="CellTrainer.Measures"/>; null where there is no such number.</param>
/// <param name="Error">What went wrong; null where it is done.</param>
sealed record CellOutcome(double?[] Measured, string? Error = null);

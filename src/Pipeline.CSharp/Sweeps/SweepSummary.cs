namespace Superposition.Sweeps;

/// <summary>How a sweep ended.</summary>
/// <param name="Cells">Cells in all.</param>
/// <param name="Failed">Those that failed at every attempt.</param>
public sealed record SweepSummary(long Cells, long Failed);

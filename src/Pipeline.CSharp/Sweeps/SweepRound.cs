namespace Superposition.Sweeps;

/// <summary>A turn of all cells that are left.</summary>
/// <param name="Folder">Where they are recorded.</param>
/// <param name="Plan">What they are of.</param>
/// <param name="Left">Their numbers, ascending.</param>
/// <param name="Tell">Told how many of them had their turn.</param>
/// <param name="Cancellation">Stops it.</param>
sealed record SweepRound(SweepFolder Folder, SweepPlan Plan, IReadOnlyList<long> Left, Action<long> Tell, CancellationToken Cancellation);

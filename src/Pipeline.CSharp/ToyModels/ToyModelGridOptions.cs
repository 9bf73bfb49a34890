using Superposition.Training;

namespace Superposition.ToyModels;

/// <summary>How a grid of toy models is trained, and which of each cell's instances are kept.</summary>
public sealed record ToyModelGridOptions
{
    /// <summary>How many of a cell's instances are kept, those with the lowest evaluation loss; null (default) for all.</summary>
    public int? KeepBest { get; init; }

    /// <summary>How many of a cell's instances are left out, those with the highest evaluation loss; the paper's phase diagrams leave out one. Default 0.</summary>
    public int DropWorst { get; init; }

    /// <summary>How many instances train at the same time; null (default) for one a core. The results do not depend on it.</summary>
    public int? Threads { get; init; }

    // A loop of work this long that is not told how wide it is gets new threads from the pool for as long as it lasts.
    internal int ThreadsOrCores => Threads ?? Environment.ProcessorCount;

    /// <summary>What the progress is called.</summary>
    public string Stage { get; init; } = "toy models";

    /// <summary>Told where the training of the whole grid stands, at most ten times a second.</summary>
    public IProgress<TrainingProgress>? Progress { get; init; }

    /// <summary>Stops the training soon.</summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>Where a cell is saved from time to time and when the training is stopped, and goes on from; null for nowhere. They are the caller's to delete.</summary>
    internal Func<int, Checkpoint>? Checkpoint { get; init; }

    internal IEnumerable<string> Problems(IReadOnlyList<ToyModelRecipe> cells)
    {
        if (cells.Count == 0) yield return "The grid has no cells; it must have at least 1.";
        if (KeepBest < 1) yield return $"KeepBest is {KeepBest}; it must be at least 1.";
        if (DropWorst < 0) yield return $"DropWorst is {DropWorst}; it must be at least 0.";
        if (Threads < 1) yield return $"Threads is {Threads}; it must be at least 1.";
        for (var c = 0; c < cells.Count; c++)
        {
            if (cells[c].Model.Instances <= DropWorst)
                yield return $"Cell {c} has {cells[c].Model.Instances} instances, DropWorst is {DropWorst}; one must be left.";
            foreach (var problem in cells[c].Problems()) yield return $"Cell {c}: {problem}";
        }
    }
}

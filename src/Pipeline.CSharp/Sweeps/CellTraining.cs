using System.Text.Json;
using Superposition.Storage;
using Superposition.ToyModels;

namespace Superposition.Sweeps;

/// <summary>Trains cells of a plan; a failure ends the cell that it is of, and no other.</summary>
static class CellTraining
{
    /// <summary>Cells trained together.</summary>
    public const int Batch = 16;

    /// <summary>Trains cells batch by batch, each from its checkpoint where it left one, and records how they ended.</summary>
    /// <param name="cells">Their numbers.</param>
    /// <param name="plan">What they are of.</param>
    /// <param name="folder">Where their checkpoints lie.</param>
    /// <param name="journal">Where it is recorded.</param>
    /// <param name="tell">Told of how many that was done.</param>
    /// <param name="cancellation">Stops it; what is under way leaves checkpoints.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="FileWriteException">The folder cannot be written.</exception>
    public static void Train(
        IEnumerable<long> cells, SweepPlan plan, SweepFolder folder, Journal journal, Action<int> tell, CancellationToken cancellation)
    {
        foreach (var batch in cells.Chunk(Batch))
        {
            cancellation.ThrowIfCancellationRequested();
            journal.Add(Train(plan, batch, folder, cancellation));
            foreach (var cell in batch) folder.DeleteCheckpoint(cell);
            tell(batch.Length);
        }
    }

    // How each ended, in their order.
    static CellEnd[] Train(SweepPlan plan, long[] cells, SweepFolder folder, CancellationToken cancellation)
    {
        try
        {
            ToyModelRecipe[] recipes = [.. cells.Select(plan.Recipe)];
            var options = new ToyModelGridOptions { Cancellation = cancellation, Checkpoint = c => folder.CheckpointOf(cells[c], recipes[c]) };
            return [.. ToyModelGrid.Train(recipes, options).Zip(cells, End)];
        }
        catch (Exception error) when (cells.Length > 1 && IsOfACell(error))
        {
            return [.. cells.SelectMany(cell => Train(plan, [cell], folder, cancellation))];   // one is to blame: each alone
        }
        catch (Exception error) when (IsOfACell(error))
        {
            return [new(cells[0], SeedOf(plan, cells[0]), Loss: null, Instance: null, Diverged: 0, error.Message.ReplaceLineEndings(" "))];
        }
    }

    // A disk that is full is no cell's fault.
    static bool IsOfACell(Exception error) => error is not (OperationCanceledException or FileWriteException);

    static CellEnd End(ToyModelCell trained, long cell)
    {
        var (seed, diverged) = (trained.Recipe.Model.Seed, trained.Diverged.Count);
        if (trained.Instances.Count == 0)
            return new(cell, seed, Loss: null, Instance: null, diverged, "All instances diverged.");
        var best = Enumerable.Range(0, trained.Instances.Count).MinBy(i => trained.Instances[i].Loss);
        return new(cell, seed, trained.Instances[best].Loss, trained.Kept[best], diverged, Error: null);
    }

    static long SeedOf(SweepPlan plan, long cell)
    {
        try
        {
            return plan.Recipe(cell).Model.Seed;
        }
        catch (Exception error) when (error is JsonException or NotSupportedException)
        {
            return plan.Base.Model.Seed;   // a cell beyond those that were checked
        }
    }
}

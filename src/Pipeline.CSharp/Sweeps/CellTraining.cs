using System.Text.Json;
using Superposition.ToyModels;

namespace Superposition.Sweeps;

/// <summary>Trains cells of a plan; a failure ends the cell that it is of, and no other.</summary>
static class CellTraining
{
    /// <summary>Cells trained together, and so the most that an interruption loses.</summary>
    public const int Batch = 16;

    /// <summary>How each of some cells ended, in their order.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static IEnumerable<CellEnd> Train(SweepPlan plan, IReadOnlyList<long> cells, CancellationToken cancellation)
    {
        try
        {
            return ToyModelGrid.Train([.. cells.Select(plan.Recipe)], new() { Cancellation = cancellation }).Zip(cells, End).ToArray();
        }
        catch (Exception) when (cells.Count > 1 && !cancellation.IsCancellationRequested)
        {
            return cells.SelectMany(cell => Train(plan, [cell], cancellation)).ToArray();   // one is to blame: each alone
        }
        catch (Exception error) when (!cancellation.IsCancellationRequested)
        {
            return [new(cells[0], SeedOf(plan, cells[0]), Loss: null, Instance: null, Diverged: 0, error.Message.ReplaceLineEndings(" "))];
        }
    }

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

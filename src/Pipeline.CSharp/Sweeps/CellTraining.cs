using System.Text.Json;
using Superposition.Storage;
using Superposition.Training;

namespace Superposition.Sweeps;

/// <summary>Trains cells of a plan and records them; a failure ends the cell that it is of, and no other.</summary>
/// <param name="plan">What they are of.</param>
/// <param name="folder">Where their checkpoints lie.</param>
/// <param name="journal">Where it is recorded how they ended.</param>
sealed class CellTraining(SweepPlan plan, SweepFolder folder, Journal journal)
{
    /// <summary>Trains cells batch by batch, each from its checkpoint where it left one.</summary>
    /// <param name="cells">Their numbers.</param>
    /// <param name="tell">Told of how many that was done.</param>
    /// <param name="cancellation">Stops it; what is under way leaves checkpoints.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="FileWriteException">The folder cannot be written.</exception>
    public void Train(IEnumerable<long> cells, Action<int> tell, CancellationToken cancellation)
    {
        using var trainer = CellTrainer.Of(plan);
        foreach (var batch in cells.Chunk(trainer.Batch))
        {
            cancellation.ThrowIfCancellationRequested();
            journal.Add(Train(trainer, batch, cancellation));
            foreach (var cell in batch) folder.DeleteCheckpoint(cell);
            tell(batch.Length);
        }
    }

    // How each ended, in their order.
    CellEnd[] Train(CellTrainer trainer, long[] cells, CancellationToken cancellation)
    {
        try
        {
            TrainingRecipe[] recipes = [.. cells.Select(plan.Recipe)];
            return [.. trainer.Train(recipes, c => folder.CheckpointOf(cells[c], recipes[c]), cancellation)
                .Select((outcome, c) => new CellEnd(cells[c], recipes[c].Seed, outcome.Measured, outcome.Error))];
        }
        catch (Exception error) when (cells.Length > 1 && IsOfACell(error))
        {
            return [.. cells.SelectMany(cell => Train(trainer, [cell], cancellation))];   // one is to blame: each alone
        }
        catch (Exception error) when (IsOfACell(error))
        {
            return [new(cells[0], SeedOf(cells[0]), new double?[trainer.Measures.Count], error.Message.ReplaceLineEndings(" "))];
        }
    }

    // A disk that is full is no cell's fault.
    static bool IsOfACell(Exception error) => error is not (OperationCanceledException or FileWriteException);

    long SeedOf(long cell)
    {
        try
        {
            return plan.Recipe(cell).Seed;
        }
        catch (Exception error) when (error is JsonException or NotSupportedException)
        {
            return plan.Base.Seed;   // a cell beyond those that were checked
        }
    }
}

using Microsoft.ML;
using Superposition.Features;
using Superposition.Native;
using Superposition.Training;
using static TorchSharp.torch;

namespace Superposition.ToyModels;

/// <summary>
/// Many toy models in one call: worlds × importances × dimensions × options × seeds, a recipe a cell. Instance j of a cell gets the
/// weights it would get alone.
/// </summary>
public static class ToyModelGrid
{
    /// <summary>[cells] Trains them all, spread over the cores.</summary>
    /// <exception cref="OptionsException">There is no cell, or a cell cannot be used; every problem is named, before anything is trained.</exception>
    /// <exception cref="OperationCanceledException">The options' token was cancelled.</exception>
    public static IReadOnlyList<ToyModelCell> Train(IReadOnlyList<ToyModelRecipe> cells, ToyModelGridOptions? options = null)
    {
        options ??= new();
        OptionsException.ThrowIfAny(nameof(ToyModelGrid), options.Problems(cells));
        var results = new ToyModelCell[cells.Count];
        var all = cells.Select((recipe, c) => (Recipe: recipe, Checkpoint: options.Checkpoint?.Invoke(c), Number: c)).ToLookup(cell => FusedEngine.Has(cell.Recipe.Model));
        Train(Fused, all[true].ToArray());
        Train(Autograd, all[false].ToArray());
        return results;

        void Train(Func<ToyModelRecipe[], Checkpoint[], ToyModelGridOptions, IEnumerable<ToyModelCell>> engine, (ToyModelRecipe Recipe, Checkpoint? Checkpoint, int Number)[] own)
        {
            var trained = engine([.. own.Select(cell => cell.Recipe)], [.. own.Select(cell => cell.Checkpoint).OfType<Checkpoint>()], options);
            foreach (var (cell, result) in own.Zip(trained)) results[cell.Number] = result;
        }
    }

    // [cells] checkpoints, or none.
    static IEnumerable<ToyModelCell> Fused(ToyModelRecipe[] cells, Checkpoint[] checkpoints, ToyModelGridOptions options)
    {
        if (cells.Length == 0) return [];
        var progress = new ProgressReporter(
            options.Stage, (long)cells.Average(cell => cell.Model.Steps), channel: null, options.Progress, options.Cancellation);
        InstanceCheckpoints[] saved = [.. checkpoints.Zip(cells, (checkpoint, cell) => new InstanceCheckpoints(checkpoint, cell.Model.Instances))];
        return new FusedTraining(cells, progress, options.ThreadsOrCores, options.Cancellation, saved).Train()
            .Zip(cells, (result, cell) => Cell(cell, result.Models, result.History.ToHistory(), options));
    }

    // Small tensors gain nothing from two threads and wait for each other: each cell has one.
    static ToyModelCell[] Autograd(ToyModelRecipe[] cells, Checkpoint[] checkpoints, ToyModelGridOptions options)
    {
        if (cells.Length == 0) return [];
        TorchLibrary.EnsureLoaded();
        var threads = get_num_threads();
        set_num_threads(1);
        try
        {
            var results = new ToyModelCell[cells.Length];
            Parallel.For(0, cells.Length, new ParallelOptions { CancellationToken = options.Cancellation, MaxDegreeOfParallelism = options.ThreadsOrCores }, c =>
            {
                var stage = cells.Length == 1 ? options.Stage : $"{options.Stage}, cell {c + 1} of {cells.Length}";
                var progress = new ProgressReporter(stage, cells[c].Model.Steps, channel: null, options.Progress, options.Cancellation);
                results[c] = One(cells[c], progress, checkpoints.ElementAtOrDefault(c), options);
            });
            return results;
        }
        catch (AggregateException several) when (several.InnerExceptions[0] is OperationCanceledException cancelled)
        {
            throw new OperationCanceledException(cancelled.Message, cancelled, options.Cancellation);
        }
        finally
        {
            set_num_threads(threads);
        }
    }

    static ToyModelCell One(ToyModelRecipe recipe, ProgressReporter progress, Checkpoint? checkpoint, ToyModelGridOptions options)
    {
        var view = new SparseFeatureView(recipe.World);
        var (models, history) = new ToyModelTrainer(recipe.Model, view, "Features", recipe.World.Features, progress, checkpoint).Train();
        return Cell(recipe, models, history.ToHistory(), options);
    }

    static ToyModelCell Cell(ToyModelRecipe recipe, IReadOnlyList<ToyModel?> models, ToyModelHistory history, ToyModelGridOptions options)
    {
        int[] finite = [.. Enumerable.Range(0, models.Count).Where(j => models[j] is not null)];
        var count = Math.Min(options.KeepBest ?? int.MaxValue, finite.Length - options.DropWorst);
        int[] kept = [.. finite.OrderBy(j => models[j]!.Loss).Take(Math.Max(0, count)).Order()];
        return new(recipe, [.. kept.Select(j => models[j]!)], kept, [.. Enumerable.Range(0, models.Count).Except(finite)], history);
    }
}

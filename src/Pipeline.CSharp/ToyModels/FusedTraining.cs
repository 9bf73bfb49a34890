using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using Superposition.Training;

namespace Superposition.ToyModels;

/// <summary>Trains all instances of many models on worlds, spread over the cores; none waits for another.</summary>
/// <param name="recipes">The models.</param>
/// <param name="progress">Told of the steps of all together.</param>
/// <param name="threads">At most so many instances at once.</param>
/// <param name="cancellation">Stops all.</param>
/// <param name="checkpoints">[recipes] Where the instances of each are saved, and go on from; empty for nowhere.</param>
internal sealed class FusedTraining(
    IReadOnlyList<ToyModelRecipe> recipes, ProgressReporter progress, int threads, CancellationToken cancellation,
    IReadOnlyList<InstanceCheckpoints> checkpoints)
{
    const int TellEvery = 64;   // steps of an instance between two words about progress
    readonly Lock telling = new();
    readonly int all = recipes.Sum(recipe => recipe.Model.Instances);
    long done;

    /// <summary>What became of a recipe's instances: null of those whose loss stopped being finite.</summary>
    public sealed record Result(ToyModel?[] Models, HistoryRecorder History);

    /// <summary>[recipes] In their order.</summary>
    public Result[] Train()
    {
        foreach (var own in checkpoints) own.Load();
        var engines = recipes.Select(recipe => new FusedEngine(recipe.Model, recipe.World)).ToArray();
        var results = recipes.Select(recipe =>
        {
            var (k, model) = (recipe.Model.Instances, recipe.Model);
            ToyModel[] initial = [.. Enumerable.Range(model.FirstInstance, k).Select(j => InitialWeights.Of(model, recipe.World.Features, j))];
            return (Initial: initial, Result: new Result(new ToyModel?[k], new HistoryRecorder(model, initial)));
        }).ToArray();
        // One at a time from the front: instances are few and long.
        var work = recipes.SelectMany((recipe, r) => Enumerable.Range(0, recipe.Model.Instances).Select(j => (Recipe: r, Instance: j)));
        try
        {
            Parallel.ForEach(
                Partitioner.Create(work, EnumerablePartitionerOptions.NoBuffering),
                new ParallelOptions { CancellationToken = cancellation, MaxDegreeOfParallelism = threads },
                one =>
                {
                    var ((initial, result), steps, last) = (results[one.Recipe], 0, 0f);
                    result.Models[one.Instance] = engines[one.Recipe].Train(
                        one.Instance, initial[one.Instance], result.History, loss =>
                        {
                            last = loss;
                            cancellation.ThrowIfCancellationRequested();
                            if (++steps % TellEvery == 0) Tell(TellEvery, loss);
                        }, checkpoints.ElementAtOrDefault(one.Recipe));
                    Tell(recipes[one.Recipe].Model.Steps - steps / TellEvery * TellEvery, last);
                });
        }
        catch (OperationCanceledException)
        {
            Save();
            throw;
        }
        catch (AggregateException several)
        {
            if (several.InnerExceptions[0] is OperationCanceledException) Save();
            ExceptionDispatchInfo.Throw(several.InnerExceptions[0]);
        }
        return [.. results.Select(r => r.Result)];
    }

    void Save()
    {
        foreach (var own in checkpoints) own.Save();
    }

    // The steps of all instances together, said as if they went side by side.
    void Tell(int steps, float loss)
    {
        lock (telling)
        {
            var before = done / all;
            done += steps;
            for (var step = before + 1; step <= done / all; step++) progress.Step(step, loss);
        }
    }
}

using System.Runtime.ExceptionServices;
using Superposition.DataViews;
using Superposition.Features;
using Superposition.Training;

namespace Superposition.ToyModels;

/// <summary>
/// Trains each instance on its own stream of a world by <see cref="FusedToyModel"/>; instances are spread over the cores and
/// never wait for each other.
/// </summary>
internal sealed class FusedEngine(ToyModelOptions options, SparseFeatureOptions world, ProgressReporter progress)
{
    const int TellEvery = 64;   // steps of an instance between two words about progress
    readonly double[] importance = options.Importance.Expand(world.Features);
    readonly Lock telling = new();
    long done;

    public ToyModel[] Train(IReadOnlyList<ToyModel> initial, HistoryRecorder history)
    {
        if (world.Rows == 0) throw new InputDataException(InputDataReason.Empty, "Expected rows to train on; the world has Rows = 0.");
        var (models, divergences) = (initial.ToArray(), new (long Step, long LastGoodStep)?[initial.Count]);
        try
        {
            Parallel.For(0, initial.Count, new ParallelOptions { CancellationToken = options.Cancellation }, j =>
                (models[j], divergences[j]) = TrainOne(j, initial[j], history));
        }
        catch (AggregateException several)
        {
            ExceptionDispatchInfo.Throw(several.InnerExceptions[0]);
        }
        for (var j = 0; j < models.Length; j++)
            if (divergences[j] is { } divergence)
                throw new DivergenceException<IReadOnlyList<ToyModel>>("toy model", divergence.Step, j, divergence.LastGoodStep, models);
        return models;
    }

    (ToyModel Model, (long Step, long LastGoodStep)? Divergence) TrainOne(int instance, ToyModel initial, HistoryRecorder history)
    {
        using var model = new FusedToyModel(initial, importance, options.Optimizer);
        var rows = new RowStream(world, instance);
        var (lastGood, lastGoodStep) = (initial, 0L);
        for (var step = 1; step <= options.Steps; step++)
        {
            var firstRow = (step - 1L) * options.BatchSize % world.Rows;
            var loss = (float)model.Accumulate(rows, firstRow, options.BatchSize, world.Rows);
            if (!float.IsFinite(loss)) return (lastGood, (step, lastGoodStep));
            if (history.Wants(step))
            {
                (lastGood, lastGoodStep) = (model.ToModel(), step - 1);
                history.Record(step, instance, loss, lastGood);
            }
            model.Update();
            if (step % TellEvery == 0 || step == options.Steps) Tell(step % TellEvery == 0 ? TellEvery : step % TellEvery, loss);
        }
        return (model.ToModel(), null);
    }

    // The steps of all instances together, said as if they went side by side.
    void Tell(int steps, float loss)
    {
        lock (telling)
        {
            var before = done / options.Instances;
            done += steps;
            for (var step = before + 1; step <= done / options.Instances; step++) progress.Step(step, loss);
        }
    }
}

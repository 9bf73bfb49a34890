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
        var (models, divergedAt) = (new ToyModel?[initial.Count], new int[initial.Count]);
        try
        {
            Parallel.For(0, initial.Count, new ParallelOptions { CancellationToken = options.Cancellation }, j =>
                (models[j], divergedAt[j]) = TrainOne(j, initial[j], history));
        }
        catch (AggregateException several)
        {
            ExceptionDispatchInfo.Throw(several.InnerExceptions[0]);
        }
        return [.. models.Select((model, j) => model ?? throw history.Divergence(divergedAt[j], j))];
    }

    // The trained model, or the step at which its loss was not finite; the others go on then, so that what is kept does
    // not hang on who was faster.
    (ToyModel? Model, int DivergedAt) TrainOne(int instance, ToyModel initial, HistoryRecorder history)
    {
        using var model = new FusedToyModel(initial, importance, options.Optimizer);
        var rows = new RowStream(world, instance);
        for (var step = 1; step <= options.Steps; step++)
        {
            var firstRow = (step - 1L) * options.BatchSize % world.Rows;
            var loss = (float)model.Accumulate(rows, firstRow, options.BatchSize, world.Rows);
            if (!float.IsFinite(loss)) return (null, step);
            if (history.Wants(step)) history.Record(step, instance, loss, model.ToModel());
            model.Update();
            if (step % TellEvery == 0 || step == options.Steps) Tell(step % TellEvery == 0 ? TellEvery : step % TellEvery, loss);
        }
        return (model.ToModel(), 0);
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

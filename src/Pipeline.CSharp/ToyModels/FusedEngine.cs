using Superposition.DataViews;
using Superposition.Features;
using Superposition.Storage;
using Superposition.Training;

namespace Superposition.ToyModels;

/// <summary>Trains one instance at a time on its own stream of a world by <see cref="FusedModel{T}"/>, with no other to wait for.</summary>
internal sealed class FusedEngine
{
    // Sizes n·d up to which rows in lanes are faster, as measured: for small models always, for larger ones while most features
    // matter in most rows; beyond, the sums of a block no longer stay in a core's cache.
    const int LanesUpTo = 256, DenseLanesUpTo = 2500;
    const double DenseFrom = 0.1;
    const int EvaluationBatches = 64;
    const int AskEvery = 64;   // steps between two looks at the clock of the checkpoints

    readonly ToyModelOptions options;
    readonly SparseFeatureOptions world;
    readonly double[] importance;
    readonly bool rowsInLanes;   // or features in lanes, whichever is faster for the size

    public FusedEngine(ToyModelOptions options, SparseFeatureOptions world)
    {
        if (world.Rows == 0) throw new InputDataException(InputDataReason.Empty, "Expected rows to train on; the world has Rows = 0.");
        (this.options, this.world, importance) = (options, world, options.Importance.Expand(world.Features));
        var size = world.Features * options.Dimensions;
        rowsInLanes = size <= LanesUpTo || (size <= DenseLanesUpTo && world.Density.Expand(world.Features).Average() >= DenseFrom);
    }

    /// <summary>Whether the engine has this model: one hidden layer of identity or ReLU without bias or dropout, squared error to x or |x|.</summary>
    public static bool Has(ToyModelOptions options) =>
        options.Engine == ToyModelEngine.Automatic
        && options.Architecture is { HiddenLayers: 1, HiddenBias: false, Hidden: Activation.Identity or Activation.Relu, Output: not Activation.Gelu }
        && options is { Dropout: 0, Objective: Objective.SquaredError, Target.Function: TargetFunction.Identity or TargetFunction.Absolute };

    FusedModel<float> Model(ToyModel initial) => rowsInLanes
        ? new FusedLanes<float>(initial, importance, options)
        : new FusedRows<float>(initial, importance, options);

    /// <summary>
    /// The trained instance with its evaluation loss, or null where its loss stopped being finite, which the history is told. Instances count from
    /// the options' first. Each step's loss is told, to a listener that may throw to stop. With checkpoints, the instance goes on from what they
    /// hold of it, and leaves its state with them.
    /// </summary>
    public ToyModel? Train(
        int instance, ToyModel initial, HistoryRecorder history, Action<float> told, InstanceCheckpoints? checkpoints = null)
    {
        using var model = Model(initial);
        var rows = RowStream.Of(world, options.FirstInstance + instance);
        var done = 0;
        if (checkpoints?.Of(instance) is { } saved)
        {
            var recorded = history.Load(instance, saved);
            model.Resume(saved.Step, [.. model.State.Select((state, s) => saved.Tensors.Shaped($"state.{s}", state.Length).ToSingles())]);
            recorded(model.ToModel());
            done = (int)saved.Step;
        }
        for (var step = done + 1; step <= options.Steps; step++)
        {
            var firstRow = (step - 1L) * options.BatchSize % world.Rows;
            var loss = (float)model.Accumulate(rows, firstRow, options.BatchSize, world.Rows);
            if (!float.IsFinite(loss)) return Diverged(step);
            if (history.Wants(step)) history.Record(step, instance, loss, model.ToModel());
            model.Update();
            if (checkpoints is not null && (step == options.Steps || (step % AskEvery == 0 && checkpoints.IsDue(instance, step)))) Keep(step);
            try
            {
                told(loss);
            }
            catch (OperationCanceledException)
            {
                if (checkpoints is not null) Keep(step);
                throw;
            }
        }
        var trained = model.ToModel() with { Loss = Evaluate(model) };
        return double.IsFinite(trained.Loss) ? trained : Diverged(options.Steps);   // no loss of the loop follows the last update

        ToyModel? Diverged(int step)
        {
            history.Diverge(instance, step, model.ToModel());
            return null;
        }

        void Keep(int step) => checkpoints.Keep(instance, step,
            model.State.Select((state, s) => KeyValuePair.Create($"state.{s}", StoredArray.Of(state, state.Length))).Concat(history.Save(instance)));
    }

    // On rows nobody trained on: the world's stream −1.
    double Evaluate(FusedModel<float> model)
    {
        var rows = RowStream.Of(world, -1);
        var sum = 0.0;
        for (var batch = 0; batch < EvaluationBatches; batch++)
            sum += model.Accumulate(rows, (long)batch * options.BatchSize % world.Rows, options.BatchSize, world.Rows);
        return sum / EvaluationBatches;
    }
}

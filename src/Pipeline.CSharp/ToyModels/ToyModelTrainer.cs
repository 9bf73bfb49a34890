using System.Runtime.InteropServices;
using Microsoft.ML;
using Superposition.Features;
using Superposition.Native;
using Superposition.Training;
using static TorchSharp.torch;

namespace Superposition.ToyModels;

/// <summary>One model's K instances: initial weights, then the engine that fits model and view, then the same evaluation for all.</summary>
internal sealed class ToyModelTrainer(
    ToyModelOptions options, IDataView view, string column, int features, ProgressReporter progress, Checkpoint? checkpoint = null)
{
    const int EvaluationBatches = 64;

    /// <summary>What became of the instances; null of those that diverged, of which the history knows.</summary>
    public (ToyModel?[] Models, HistoryRecorder History) Train()
    {
        options.Cancellation.ThrowIfCancellationRequested();   // before there is anything to leave behind
        return view is SparseFeatureView world && column == "Features" && FusedEngine.Has(options) ? Fused(world.World) : Autograd();
    }

    (ToyModel?[], HistoryRecorder) Fused(SparseFeatureOptions world)
    {
        var recipe = new ToyModelRecipe { World = world, Model = options };
        InstanceCheckpoints[] checkpoints = checkpoint is null ? [] : [new(checkpoint, options.Instances)];
        var result = new FusedTraining([recipe], progress, threads: Environment.ProcessorCount, options.Cancellation, checkpoints).Train()[0];
        return (result.Models, result.History);
    }

    (ToyModel?[], HistoryRecorder) Autograd()
    {
        TorchLibrary.EnsureLoaded();
        ToyModel[] initial =
            [.. Enumerable.Range(options.FirstInstance, options.Instances).Select(j => InitialWeights.Of(options, features, j))];
        var history = new HistoryRecorder(options, initial);
        var models = Evaluated(Descend(initial, history));
        // The last step's update is followed by no loss but this one.
        foreach (var (j, model) in models.Index())
            if (!double.IsFinite(model.Loss))
                history.Diverge(j, options.Steps, model);
        return ([.. models.Select((model, j) => history.HasDiverged(j) ? null : model)], history);
    }

    ToyModel[] Descend(ToyModel[] initial, HistoryRecorder history)
    {
        var feeds = Feeds();
        try
        {
            return new AutogradEngine(options, feeds, progress, checkpoint).Train(initial, history);
        }
        finally
        {
            foreach (var feed in feeds) feed.Dispose();
        }
    }

    // On rows nobody trained on, where the view is a world; on the view's own rows otherwise.
    ToyModel[] Evaluated(ToyModel[] models)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var feed = RowFeed.Of(view, column, stream: -1, options.Seed);
        using var parameters = ToyModelParameters.Of(models);
        var importance = ToyModelParameters.Importance(options, features);
        var x = empty(1, options.BatchSize, features);
        var t = options.Target.Function == TargetFunction.Identity ? x : empty(1, options.BatchSize, models[0].Outputs);
        var sums = new double[models.Length];
        for (var i = 0; i < EvaluationBatches; i++)
        {
            using var inner = NewDisposeScope();
            ToyModelParameters.Fill(x, t, options.Target, feed);
            var outputs = parameters.Outputs(parameters.Hidden(x));
            var losses = MemoryMarshal.Cast<byte, float>(ToyModelParameters.Loss(options.Objective, outputs, t, importance).bytes);
            for (var j = 0; j < sums.Length; j++) sums[j] += losses[j];
        }
        return [.. models.Zip(sums, (model, sum) => model with { Loss = sum / EvaluationBatches })];
    }

    // One feed an instance where each can have its own stream, else one for all.
    RowFeed[] Feeds()
    {
        var first = RowFeed.Of(view, column, options.FirstInstance, options.Seed);
        return first is WorldFeed
            ? [first, .. Enumerable.Range(options.FirstInstance + 1, options.Instances - 1).Select(j => RowFeed.Of(view, column, j, options.Seed))]
            : [first];
    }
}

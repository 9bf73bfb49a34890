using System.Runtime.InteropServices;
using Microsoft.ML;
using Superposition.Features;
using Superposition.Native;
using Superposition.Training;
using static TorchSharp.torch;

namespace Superposition.ToyModels;

/// <summary>Initial weights, then the engine that fits the view, then the same evaluation for all instances.</summary>
internal sealed class ToyModelTrainer(ToyModelOptions options, IDataView view, string column, int features, ProgressReporter progress)
{
    const int EvaluationBatches = 64;

    public (ToyModel[] Models, ToyModelHistory History) Train()
    {
        TorchLibrary.EnsureLoaded();
        var initial = Initial();
        var history = new HistoryRecorder(options, initial);
        var models = Evaluated(Descend(initial, history));
        // The last step's update is followed by no loss but this one.
        if (Array.FindIndex(models, m => !double.IsFinite(m.Loss)) is >= 0 and var diverged)
            throw history.Divergence(options.Steps, diverged);
        return (models, history.ToHistory());
    }

    ToyModel[] Descend(ToyModel[] initial, HistoryRecorder history)
    {
        if (view is SparseFeatureView world && column == "Features" && options.Engine == ToyModelEngine.Automatic)
            return new FusedEngine(options, world.World, progress).Train(initial, history);
        var feeds = Feeds();
        try
        {
            return new AutogradEngine(options, feeds, progress).Train(initial, history);
        }
        finally
        {
            foreach (var feed in feeds) feed.Dispose();
        }
    }

    ToyModel[] Initial()
    {
        using var parameters = ToyModelParameters.Initial(options.Instances, features, options.Dimensions, options.Seed);
        return parameters.ToModels();
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
        var sums = new double[models.Length];
        for (var i = 0; i < EvaluationBatches; i++)
        {
            using var inner = NewDisposeScope();
            ToyModelParameters.Fill(x, feed);
            var losses = MemoryMarshal.Cast<byte, float>(parameters.Loss(x, importance).bytes);
            for (var j = 0; j < sums.Length; j++) sums[j] += losses[j];
        }
        return [.. models.Zip(sums, (model, sum) => model with { Loss = sum / EvaluationBatches })];
    }

    // One feed an instance where each can have its own stream, else one for all.
    RowFeed[] Feeds()
    {
        var first = RowFeed.Of(view, column, stream: 0, options.Seed);
        return first is WorldFeed
            ? [first, .. Enumerable.Range(1, options.Instances - 1).Select(j => RowFeed.Of(view, column, j, options.Seed))]
            : [first];
    }
}

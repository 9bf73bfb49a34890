using System.Runtime.InteropServices;
using Microsoft.ML;
using Superposition.Features;
using Superposition.Native;
using Superposition.Randomness;
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
        var history = new HistoryRecorder(options, features);
        var models = Descend(Initial(), history);
        return (Evaluated(models), history.ToHistory());
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

    /// <summary>
    /// Xavier-normal W of each instance by itself, N(0, 2/(n + d)); b = 0. (The notebook hands its [K, n, d] array to
    /// xavier_normal_, which takes K for a fan and so gives N(0, 2/(d(K + n))).)
    /// </summary>
    ToyModel[] Initial()
    {
        var deviation = Math.Sqrt(2.0 / (features + options.Dimensions));
        return [.. Enumerable.Range(0, options.Instances).Select(j =>
        {
            var random = new CounterRandom(CounterRandom.At(CounterRandom.Key(options.Seed, 1), j));
            var w = new float[features, options.Dimensions];
            foreach (ref var weight in DataViews.Rows.Flat(w)) weight = (float)(deviation * random.NextNormal());
            return new ToyModel(w, new float[features], double.NaN);
        })];
    }

    // On rows nobody trained on, where the view is a world; on the view's own rows otherwise.
    ToyModel[] Evaluated(ToyModel[] models)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var feed = RowFeed.Of(view, column, stream: -1, options.Seed);
        using var parameters = new ToyModelParameters(models);
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

using System.Runtime.InteropServices;
using Microsoft.ML;
using Superposition.Native;
using Superposition.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Superposition.ToyModels;

/// <summary>Trains K instances together by autograd; no instance's gradient depends on another.</summary>
internal sealed class ToyModelTrainer(ToyModelOptions options, IDataView view, string column, int features, ProgressReporter progress)
{
    const int EvaluationBatches = 64;
    readonly int k = options.Instances, batch = options.BatchSize;

    public (ToyModel[] Models, ToyModelHistory History) Train()
    {
        TorchLibrary.EnsureLoaded();
        using var scope = NewDisposeScope();
        using var parameters = ToyModelParameters.Initial(k, features, options.Dimensions, options.Seed);
        var importance = tensor([.. options.Importance.Expand(features).Select(i => (float)i)]);
        var history = new HistoryRecorder(options, features);
        var feeds = Feeds(stream => stream);
        IReadOnlyList<ToyModel> beforeLastStep;
        try
        {
            beforeLastStep = Descend(parameters, importance, feeds, history);
        }
        finally
        {
            foreach (var feed in feeds) feed.Dispose();
        }
        var losses = Evaluate(parameters, importance);
        for (var j = 0; j < k; j++)
            if (!double.IsFinite(losses[j]))
                throw new DivergenceException<IReadOnlyList<ToyModel>>("toy model", options.Steps, j, options.Steps - 1, beforeLastStep);
        return (parameters.ToModels(losses), history.ToHistory());
    }

    // The state before the last step, whose loss is known to be finite.
    IReadOnlyList<ToyModel> Descend(ToyModelParameters parameters, Tensor importance, RowFeed[] feeds, HistoryRecorder history)
    {
        AdamW[] optimizers = [new(options.Optimizer, parameters.W), new(options.Optimizer, parameters.B)];
        var x = empty(feeds.Length, batch, features);
        var (lastGood, lastGoodStep) = (parameters.ToModels(), 0L);
        for (var step = 1; step <= options.Steps; step++)
        {
            using var inner = NewDisposeScope();
            Fill(x, feeds);
            using var loss = parameters.Loss(x, importance);
            var losses = MemoryMarshal.Cast<byte, float>(loss.bytes);
            for (var j = 0; j < k; j++)
                if (!float.IsFinite(losses[j]))
                    throw new DivergenceException<IReadOnlyList<ToyModel>>("toy model", step, j, lastGoodStep, lastGood);
            if (history.Wants(step))
            {
                (lastGood, lastGoodStep) = (parameters.ToModels(), step - 1);
                history.Record(step, losses, lastGood);
            }
            loss.sum().backward();
            foreach (var optimizer in optimizers) optimizer.Step();
            progress.Step(step, Lowest(losses));
        }
        return lastGood;
    }

    // On rows nobody trained on, where the view is a world; on the view's own rows otherwise.
    double[] Evaluate(ToyModelParameters parameters, Tensor importance)
    {
        var feeds = Feeds(_ => -1)[..1];
        using var noGradient = no_grad();
        var x = empty(1, batch, features);
        var sums = new double[k];
        for (var i = 0; i < EvaluationBatches; i++)
        {
            using var inner = NewDisposeScope();
            Fill(x, feeds);
            var losses = MemoryMarshal.Cast<byte, float>(parameters.Loss(x, importance).bytes);
            for (var j = 0; j < k; j++) sums[j] += losses[j];
        }
        feeds[0].Dispose();
        return [.. sums.Select(s => s / EvaluationBatches)];
    }

    // One feed an instance where each can have its own stream, else one for all.
    RowFeed[] Feeds(Func<long, long> stream)
    {
        var first = RowFeed.Of(view, column, stream(0), options.Seed);
        return first is WorldFeed
            ? [first, .. Enumerable.Range(1, k - 1).Select(j => RowFeed.Of(view, column, stream(j), options.Seed))]
            : [first];
    }

    static void Fill(Tensor x, RowFeed[] feeds)
    {
        var rows = MemoryMarshal.Cast<byte, float>(x.bytes);
        var length = rows.Length / feeds.Length;
        for (var f = 0; f < feeds.Length; f++) feeds[f].Next(rows.Slice(f * length, length));
    }

    static float Lowest(ReadOnlySpan<float> losses)
    {
        var lowest = losses[0];
        foreach (var loss in losses) lowest = Math.Min(lowest, loss);
        return lowest;
    }

    sealed class HistoryRecorder(ToyModelOptions options, int features)
    {
        readonly List<(long Step, float[] Loss, double[][] Norms)> points = [];

        public bool Wants(int step) => step % options.HistoryEvery == 0 || step == 1 || step == options.Steps;

        public void Record(int step, ReadOnlySpan<float> losses, IReadOnlyList<ToyModel> models) =>
            points.Add((step, losses.ToArray(), [.. models.Select(m => m.Norms())]));

        public ToyModelHistory ToHistory()
        {
            var loss = new float[points.Count, options.Instances];
            var norms = new float[points.Count, options.Instances, features];
            for (var t = 0; t < points.Count; t++)
                for (var j = 0; j < options.Instances; j++)
                {
                    loss[t, j] = points[t].Loss[j];
                    for (var i = 0; i < features; i++) norms[t, j, i] = (float)points[t].Norms[j][i];
                }
            return new([.. points.Select(p => p.Step)], loss, norms);
        }
    }
}

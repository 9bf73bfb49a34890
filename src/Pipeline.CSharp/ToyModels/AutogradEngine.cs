using System.Runtime.InteropServices;
using Superposition.Randomness;
using Superposition.Training;
using static TorchSharp.torch;

namespace Superposition.ToyModels;

/// <summary>Trains K instances side by side in one set of tensors; no instance's gradient depends on another.</summary>
internal sealed class AutogradEngine(ToyModelOptions options, RowFeed[] feeds, ProgressReporter progress)
{
    public ToyModel[] Train(IReadOnlyList<ToyModel> initial, HistoryRecorder history)
    {
        using var scope = NewDisposeScope();
        using var parameters = ToyModelParameters.Of(initial);
        int n = initial[0].Features, outputs = initial[0].Outputs;
        var importance = ToyModelParameters.Importance(options, n);
        var penalty = tensor((float)options.HiddenPenalty);
        Optimizer[] optimizers = [.. parameters.All.Select(parameter => new Optimizer(options.Optimizer, parameter, options.Steps))];
        var x = empty(feeds.Length, options.BatchSize, n);
        var t = options.Target.Function == TargetFunction.Identity ? x : empty(feeds.Length, options.BatchSize, outputs);
        var mask = options.Dropout > 0 ? empty(initial.Count, options.BatchSize, options.Dimensions) : null;
        for (var step = 1; step <= options.Steps; step++)
        {
            using var inner = NewDisposeScope();
            ToyModelParameters.Fill(x, t, options.Target, feeds);
            if (mask is not null) Drop(mask, step);
            var hidden = parameters.Hidden(x, mask);
            using var loss = ToyModelParameters.Loss(options.Objective, parameters.Outputs(hidden), t, importance);
            var losses = MemoryMarshal.Cast<byte, float>(loss.bytes);
            for (var j = 0; j < losses.Length; j++)
                if (!float.IsFinite(losses[j]))
                    throw history.Divergence(step, j);
            if (history.Wants(step))
            {
                var models = parameters.ToModels();
                for (var j = 0; j < losses.Length; j++) history.Record(step, j, losses[j], models[j]);
            }
            var minimised = options.HiddenPenalty > 0 ? Sums.Of(loss, ToyModelParameters.Penalty(hidden) * penalty) : loss;
            minimised.sum().backward();
            foreach (var optimizer in optimizers) optimizer.Step();
            progress.Step(step, losses[0]);
        }
        return parameters.ToModels();
    }

    // Instance j's mask of a step is a pure function of (seed, j, step).
    void Drop(Tensor mask, int step)
    {
        var values = MemoryMarshal.Cast<byte, float>(mask.bytes);
        var length = options.BatchSize * options.Dimensions;
        var kept = (float)(1 / (1 - options.Dropout));
        for (var j = 0; j < values.Length / length; j++)
        {
            var random = new CounterRandom(
                CounterRandom.At(CounterRandom.At(CounterRandom.Key(options.Seed, 2), options.FirstInstance + j), step));
            foreach (ref var value in values.Slice(j * length, length)) value = random.NextUniform() <= options.Dropout ? 0 : kept;
        }
    }
}

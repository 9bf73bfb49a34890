using System.Runtime.InteropServices;
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
        var importance = ToyModelParameters.Importance(options, initial[0].Features);
        AdamW[] optimizers = [new(options.Optimizer, parameters.W), new(options.Optimizer, parameters.B)];
        var x = empty(feeds.Length, options.BatchSize, initial[0].Features);
        for (var step = 1; step <= options.Steps; step++)
        {
            using var inner = NewDisposeScope();
            ToyModelParameters.Fill(x, feeds);
            using var loss = parameters.Loss(x, importance);
            var losses = MemoryMarshal.Cast<byte, float>(loss.bytes);
            for (var j = 0; j < losses.Length; j++)
                if (!float.IsFinite(losses[j]))
                    throw history.Divergence(step, j);
            if (history.Wants(step))
            {
                var models = parameters.ToModels();
                for (var j = 0; j < losses.Length; j++) history.Record(step, j, losses[j], models[j]);
            }
            loss.sum().backward();
            foreach (var optimizer in optimizers) optimizer.Step();
            progress.Step(step, losses[0]);
        }
        return parameters.ToModels();
    }
}

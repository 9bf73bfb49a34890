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
        using var parameters = new ToyModelParameters(initial);
        var importance = ToyModelParameters.Importance(options, initial[0].Features);
        AdamW[] optimizers = [new(options.Optimizer, parameters.W), new(options.Optimizer, parameters.B)];
        var x = empty(feeds.Length, options.BatchSize, initial[0].Features);
        IReadOnlyList<ToyModel> lastGood = initial;
        var lastGoodStep = 0L;
        for (var step = 1; step <= options.Steps; step++)
        {
            using var inner = NewDisposeScope();
            ToyModelParameters.Fill(x, feeds);
            using var loss = parameters.Loss(x, importance);
            var losses = MemoryMarshal.Cast<byte, float>(loss.bytes);
            for (var j = 0; j < losses.Length; j++)
                if (!float.IsFinite(losses[j]))
                    throw new DivergenceException<IReadOnlyList<ToyModel>>("toy model", step, j, lastGoodStep, lastGood);
            if (history.Wants(step))
            {
                (lastGood, lastGoodStep) = (parameters.ToModels(), step - 1);
                for (var j = 0; j < losses.Length; j++) history.Record(step, j, losses[j], lastGood[j]);
            }
            loss.sum().backward();
            foreach (var optimizer in optimizers) optimizer.Step();
            progress.Step(step, losses[0]);
        }
        return parameters.ToModels();
    }
}

using System.Runtime.InteropServices;
using Superposition.Randomness;
using Superposition.Storage;
using Superposition.Training;
using static TorchSharp.torch;

namespace Superposition.ToyModels;

/// <summary>Trains K instances side by side in one set of tensors; no instance's gradient depends on another.</summary>
internal sealed class AutogradEngine(ToyModelOptions options, RowFeed[] feeds, ProgressReporter progress, Checkpoint? checkpoint)
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
        var done = Resume();
        for (var step = done + 1; step <= options.Steps; step++)
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
            if (checkpoint?.IsDue(step) == true) checkpoint.Save(step, Save());
            try
            {
                progress.Step(step, losses[0]);
            }
            catch (OperationCanceledException)
            {
                checkpoint?.Save(step, Save());
                throw;
            }
        }
        return parameters.ToModels();

        IEnumerable<KeyValuePair<string, StoredArray>> Save()
        {
            foreach (var (p, (parameter, optimizer)) in parameters.All.Zip(optimizers).Index())
            {
                yield return new($"parameter.{p}", StoredArray.Of(MemoryMarshal.Cast<byte, float>(parameter.bytes), parameter.shape));
                foreach (var (s, state) in optimizer.Moments.State.Index())
                    yield return new($"moments.{s}.{p}", StoredArray.Of(state, state.Length));
            }
            for (var j = 0; j < initial.Count; j++)
                foreach (var (name, values) in history.Save(j)) yield return new($"{j}.{name}", values);
        }

        int Resume()
        {
            if (checkpoint?.Newest() is not { } saved) return 0;
            foreach (var (p, (parameter, optimizer)) in parameters.All.Zip(optimizers).Index())
            {
                saved.Tensors[$"parameter.{p}"].ToSingles().CopyTo(MemoryMarshal.Cast<byte, float>(parameter.bytes));
                foreach (var (s, state) in optimizer.Moments.State.Index()) saved.Tensors[$"moments.{s}.{p}"].ToSingles().CopyTo(state, 0);
                optimizer.Moments.Resume(saved.Step);
            }
            foreach (var (j, model) in parameters.ToModels().Index()) history.Load(j, saved.Part($"{j}."), model);
            foreach (var feed in feeds) feed.Skip(saved.Step * options.BatchSize);
            return (int)saved.Step;
        }
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

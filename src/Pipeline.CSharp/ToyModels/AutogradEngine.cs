using System.Runtime.InteropServices;
using Superposition.Randomness;
using Superposition.Storage;
using Superposition.Training;
using static TorchSharp.torch;

namespace Superposition.ToyModels;

/// <summary>Trains K instances side by side in one set of tensors; no instance's gradient depends on another. One that diverges stays what it
/// last was, and the others go on.</summary>
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
            var models = history.Wants(step) || !Array.TrueForAll(losses.ToArray(), float.IsFinite) ? parameters.ToModels() : [];
            for (var j = 0; j < losses.Length; j++)
            {
                if (!float.IsFinite(losses[j])) history.Diverge(j, step, models[j]);
                else if (history.Wants(step) && !history.HasDiverged(j)) history.Record(step, j, losses[j], models[j]);
            }
            int[] going = [.. Enumerable.Range(0, losses.Length).Where(j => !history.HasDiverged(j))];
            if (going.Length == 0) break;
            var minimised = options.HiddenPenalty > 0 ? Sums.Of(loss, ToyModelParameters.Penalty(hidden) * penalty) : loss;
            minimised.sum().backward();
            foreach (var optimizer in optimizers) optimizer.Step();
            foreach (var j in Enumerable.Range(0, losses.Length).Except(going)) Rest(j);
            if (checkpoint?.IsDue(step) == true) checkpoint.Save(step, Save());
            try
            {
                progress.Step(step, losses[going[0]]);
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

        // Finite again, so that what is trained beside it can be saved.
        void Rest(int j)
        {
            parameters.Put(j, history.LastGood(j));
            foreach (var (parameter, optimizer) in parameters.All.Zip(optimizers))
            {
                var length = (int)parameter.NumberOfElements / initial.Count;
                optimizer.Moments.Forget(j * length, length);
            }
        }

        int Resume()
        {
            if (checkpoint?.Newest() is not { } saved) return 0;
            // All is read before anything is changed.
            var recorded = Enumerable.Range(0, initial.Count).Select(j => history.Load(j, saved.Part($"{j}."))).ToArray();
            var read = parameters.All.Select((parameter, p) => (
                Parameter: saved.Tensors.Shaped($"parameter.{p}", parameter.shape).ToSingles(),
                Moments: optimizers[p].Moments.State.Select((state, s) => saved.Tensors.Shaped($"moments.{s}.{p}", state.Length).ToSingles()).ToArray())).ToArray();
            foreach (var ((parameter, optimizer), (values, moments)) in parameters.All.Zip(optimizers).Zip(read))
            {
                values.CopyTo(MemoryMarshal.Cast<byte, float>(parameter.bytes));
                foreach (var (state, m) in optimizer.Moments.State.Zip(moments)) m.CopyTo(state, 0);
                optimizer.Moments.Resume(saved.Step);
            }
            foreach (var (j, model) in parameters.ToModels().Index()) recorded[j](model);
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

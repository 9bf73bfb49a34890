using System.Diagnostics;
using System.Globalization;
using Superposition.Storage;
using Superposition.Training;

namespace Superposition.ToyModels;

/// <summary>
/// Instances that train by themselves, each at a step of its own, in one checkpoint: each leaves its state here from time to time and when it is
/// done, and the states that are there are saved together.
/// </summary>
/// <param name="checkpoint">Where to.</param>
/// <param name="instances">How many there are.</param>
internal sealed class InstanceCheckpoints(Checkpoint checkpoint, int instances)
{
    const string Step = "step";

    readonly Lock keeping = new();
    readonly Dictionary<int, Kept> kept = [];
    readonly Dictionary<int, SavedTraining> loaded = [];

    sealed record Kept(long Step, IEnumerable<KeyValuePair<string, StoredArray>> State, long At);

    /// <summary>Takes what the newest checkpoint holds.</summary>
    public void Load()
    {
        if (checkpoint.Newest() is not { } saved) return;
        for (var instance = 0; instance < instances; instance++)
        {
            var state = saved.Part(Prefix(instance));
            if (state.Tensors.Count == 0) continue;
            var step = state.Tensors.Shaped(Step, 1).ToInt64s()[0];
            loaded[instance] = state with { Step = step };
            kept[instance] = new(step, state.Tensors, Stopwatch.GetTimestamp());
        }
    }

    /// <summary>The state that an instance had left when it was loaded; null where it had left none.</summary>
    public SavedTraining? Of(int instance) => loaded.GetValueOrDefault(instance);

    /// <summary>Whether it is time for an instance to leave its state after a step.</summary>
    public bool IsDue(int instance, long step)
    {
        lock (keeping)
        {
            if (kept.TryGetValue(instance, out var last)) return checkpoint.Options.IsDue(last.Step, step, Stopwatch.GetElapsedTime(last.At));
            // Its first step: the time counts from here.
            kept[instance] = new(0, [], Stopwatch.GetTimestamp());
            return false;
        }
    }

    /// <summary>Keeps the state of an instance after a step, and saves all if it is time to. One that is not finite is not kept: the instance has
    /// diverged, and the others go on.</summary>
    public void Keep(int instance, long step, IEnumerable<KeyValuePair<string, StoredArray>> state)
    {
        KeyValuePair<string, StoredArray>[] tensors = [.. state, new(Step, StoredArray.Of([step], 1))];
        if (!tensors.All(tensor => Checkpoint.IsFinite(tensor.Value))) return;
        lock (keeping)
        {
            kept[instance] = new(step, tensors, Stopwatch.GetTimestamp());
            if (checkpoint.IsDue(Steps)) Save();
        }
    }

    /// <summary>Saves all that is kept.</summary>
    public void Save()
    {
        lock (keeping)
        {
            if (Steps == 0) return;
            checkpoint.Save(Steps, kept.SelectMany(one => one.Value.State
                .Select(tensor => KeyValuePair.Create(Prefix(one.Key) + tensor.Key, tensor.Value))));
        }
    }

    static string Prefix(int instance) => FormattableString.Invariant($"{instance}.");

    long Steps => kept.Values.Sum(one => one.Step);
}

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
internal sealed class InstanceCheckpoints(Checkpoint checkpoint)
{
    const string Step = "step";

    readonly Lock keeping = new();
    readonly Dictionary<int, Kept> kept = [];

    sealed record Kept(SavedTraining State, long At);

    /// <summary>Takes what the newest checkpoint holds.</summary>
    public void Load()
    {
        if (checkpoint.Newest() is not { } saved) return;
        foreach (var instance in saved.Tensors.Keys.Select(name => int.Parse(name[..name.IndexOf('.')], CultureInfo.InvariantCulture)).Distinct())
        {
            var state = saved.Part(FormattableString.Invariant($"{instance}."));
            kept[instance] = new(state with { Step = state.Tensors[Step].ToInt64s()[0] }, Stopwatch.GetTimestamp());
        }
    }

    /// <summary>The state that an instance left; null where it left none.</summary>
    public SavedTraining? Of(int instance)
    {
        lock (keeping) return kept.GetValueOrDefault(instance)?.State;
    }

    /// <summary>Whether it is time for an instance to leave its state after a step.</summary>
    public bool IsDue(int instance, long step)
    {
        lock (keeping)
        {
            if (kept.TryGetValue(instance, out var last)) return checkpoint.Options.IsDue(last.State.Step, step, Stopwatch.GetElapsedTime(last.At));
            // Its first step: the time counts from here.
            kept[instance] = new(new(0, new Dictionary<string, StoredArray>()), Stopwatch.GetTimestamp());
            return false;
        }
    }

    /// <summary>Keeps the state of an instance after a step, and saves all if it is time to. One that is not finite is not kept: the instance has
    /// diverged, and the others go on.</summary>
    public void Keep(int instance, long step, IEnumerable<KeyValuePair<string, StoredArray>> state)
    {
        var tensors = state.Append(new(Step, StoredArray.Of([step], 1))).ToDictionary();
        if (!tensors.Values.All(Checkpoint.IsFinite)) return;
        lock (keeping)
        {
            kept[instance] = new(new(step, tensors), Stopwatch.GetTimestamp());
            if (checkpoint.IsDue(Steps)) Save();
        }
    }

    /// <summary>Saves all that is kept.</summary>
    public void Save()
    {
        lock (keeping)
        {
            if (Steps == 0) return;
            checkpoint.Save(Steps, kept.SelectMany(one => one.Value.State.Tensors
                .Select(tensor => KeyValuePair.Create(FormattableString.Invariant($"{one.Key}.{tensor.Key}"), tensor.Value))));
        }
    }

    long Steps => kept.Values.Sum(one => one.State.Step);
}

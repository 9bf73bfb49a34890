using Superposition.DataViews;
using Superposition.Storage;
using Superposition.Training;

namespace Superposition.ToyModels;

/// <summary>Collects the history of K instances and keeps the last state of each whose loss was finite; instances may arrive from several threads.</summary>
internal sealed class HistoryRecorder
{
    readonly int every, snapshotEvery, last;
    readonly ToyModelHistory history;
    readonly ToyModel[] lastGood;
    readonly long[] lastGoodStep;

    public HistoryRecorder(ToyModelOptions options, IReadOnlyList<ToyModel> initial)
    {
        (every, snapshotEvery, last) = (options.HistoryEvery, options.SnapshotEvery, options.Steps);
        (lastGood, lastGoodStep) = ([.. initial], new long[initial.Count]);
        var snapshots = StepsOf(snapshotEvery, last);
        history = ToyModelHistory.Empty(initial.Count, initial[0].Features, StepsOf(every, last)) with
        {
            SnapshotSteps = snapshots,
            Snapshots = new float[snapshots.Length, initial.Count][,],
        };
    }

    // The first step, every so many, and the last; none where every is 0.
    static long[] StepsOf(int every, int last) =>
        every == 0 ? [] : [.. Enumerable.Range(1, last / every).Select(i => (long)i * every).Prepend(1).Append(last).Distinct()];

    static long Count(int every, int last) =>
        every == 0 ? 0 : last / every + (every > 1 ? 1 : 0) + (last > 1 && last % every != 0 ? 1 : 0);

    /// <summary>What norms and snapshots of a training weigh.</summary>
    public static long Bytes(ToyModelOptions options, int features) => sizeof(float) * (long)options.Instances * features
        * (Count(options.HistoryEvery, options.Steps) + Count(options.SnapshotEvery, options.Steps) * options.Dimensions);

    /// <summary>Whether anything of a step is kept.</summary>
    public bool Wants(int step) => WantsPoint(step) || WantsSnapshot(step);

    bool WantsPoint(int step) => Wants(step, every, last);

    bool WantsSnapshot(int step) => Wants(step, snapshotEvery, last);

    static bool Wants(int step, int every, int last) => every > 0 && (step == 1 || step % every == 0 || step == last);

    /// <summary>The state before a step's update, and the finite loss it has.</summary>
    public void Record(int step, int instance, float loss, ToyModel model)
    {
        (lastGood[instance], lastGoodStep[instance]) = (model, step - 1);
        if (WantsSnapshot(step)) history.Snapshots[Array.BinarySearch(history.SnapshotSteps, step), instance] = model.W;
        if (!WantsPoint(step)) return;
        var t = Array.BinarySearch(history.Steps, step);
        history.Loss[t, instance] = loss;
        var norms = model.Norms();
        for (var i = 0; i < norms.Length; i++) history.Norms[t, instance, i] = (float)norms[i];
    }

    /// <summary>What was recorded of an instance.</summary>
    public IEnumerable<KeyValuePair<string, StoredArray>> Save(int instance)
    {
        var (points, n) = (history.Steps.Length, history.Norms.GetLength(2));
        yield return new("history.loss", StoredArray.Of([.. Enumerable.Range(0, points).Select(t => history.Loss[t, instance])], points));
        yield return new("history.norms", StoredArray.Of(
            [.. Enumerable.Range(0, points * n).Select(at => history.Norms[at / n, instance, at % n])], points, n));
        for (var s = 0; s < history.SnapshotSteps.Length; s++)
            if (history.Snapshots[s, instance] is { } w)
                yield return new($"history.snapshot.{s}", StoredArray.Of(w));
    }

    /// <summary>What was recorded of an instance until it stood so after a step.</summary>
    public void Load(int instance, SavedTraining saved, ToyModel model)
    {
        (lastGood[instance], lastGoodStep[instance]) = (model, saved.Step);
        var (losses, norms) = (saved.Tensors["history.loss"].ToSingles(), saved.Tensors["history.norms"].ToSingles());
        var n = history.Norms.GetLength(2);
        for (var t = 0; t < losses.Length; t++) history.Loss[t, instance] = losses[t];
        for (var at = 0; at < norms.Length; at++) history.Norms[at / n, instance, at % n] = norms[at];
        for (var s = 0; s < history.SnapshotSteps.Length; s++)
            if (saved.Tensors.TryGetValue($"history.snapshot.{s}", out var w))
                history.Snapshots[s, instance] = Rows.Matrix(w.ToSingles(), n);
    }

    /// <summary>What to throw when an instance's loss is not finite at a step.</summary>
    public DivergenceException Divergence(long step, int instance) =>
        new DivergenceException<IReadOnlyList<ToyModel>>("toy model", step, instance, lastGoodStep[instance], lastGood);

    public ToyModelHistory ToHistory() => history;
}

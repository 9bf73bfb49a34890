using Superposition.DataViews;
using Superposition.Storage;
using Superposition.Training;

namespace Superposition.ToyModels;

/// <summary>Collects the history of K instances and keeps the last state of each whose loss was finite; instances may arrive from several threads.</summary>
internal sealed class HistoryRecorder
{
    const string Diverged = "history.diverged";

    readonly int every, snapshotEvery, last;
    readonly ToyModelHistory history;
    readonly ToyModel[] lastGood;
    readonly long[] lastGoodStep;
    readonly Divergence?[] diverged;

    public HistoryRecorder(ToyModelOptions options, IReadOnlyList<ToyModel> initial)
    {
        (every, snapshotEvery, last) = (options.HistoryEvery, options.SnapshotEvery, options.Steps);
        (lastGood, lastGoodStep, diverged) = ([.. initial], new long[initial.Count], new Divergence?[initial.Count]);
        var snapshots = StepsOf(snapshotEvery, last);
        history = ToyModelHistory.Empty(initial.Count, initial[0].Features, StepsOf(every, last)) with
        {
            SnapshotSteps = snapshots,
            Snapshots = new float[snapshots.Length, initial.Count][,],
        };
        // What was never recorded shall not pass for a number.
        for (var (t, n) = (0, history.Norms.GetLength(2)); t < history.Steps.Length; t++)
            for (var j = 0; j < initial.Count; j++)
            {
                history.Loss[t, j] = float.NaN;
                for (var i = 0; i < n; i++) history.Norms[t, j, i] = float.NaN;
            }
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
        var (points, n) = (0, history.Norms.GetLength(2));
        while (points < history.Steps.Length && !float.IsNaN(history.Loss[points, instance])) points++;
        yield return new("history.loss", StoredArray.Of([.. Enumerable.Range(0, points).Select(t => history.Loss[t, instance])], points));
        yield return new("history.norms", StoredArray.Of(
            [.. Enumerable.Range(0, points * n).Select(at => history.Norms[at / n, instance, at % n])], points, n));
        for (var s = 0; s < history.SnapshotSteps.Length; s++)
            if (history.Snapshots[s, instance] is { } w)
                yield return new($"history.snapshot.{s}", StoredArray.Of(w));
        if (diverged[instance] is { } divergence) yield return new(Diverged, divergence.Save(Names(instance)));
    }

    /// <summary>Reads what was recorded of an instance until a step.</summary>
    /// <returns>What takes it over, given the model as it stood then.</returns>
    /// <exception cref="StorageException">It is not of such an instance.</exception>
    public Action<ToyModel> Load(int instance, SavedTraining saved)
    {
        var (n, d) = (history.Norms.GetLength(2), lastGood[instance].Dimensions);
        var losses = saved.Tensors["history.loss"].ToSingles();
        if (losses.Length > history.Steps.Length) losses = saved.Tensors.Shaped("history.loss", history.Steps.Length).ToSingles();   // refused
        var norms = saved.Tensors.Shaped("history.norms", losses.Length, n).ToSingles();
        var snapshots = Enumerable.Range(0, history.SnapshotSteps.Length).Where(s => saved.Tensors.ContainsKey($"history.snapshot.{s}"))
            .Select(s => (s, Rows.Matrix(saved.Tensors.Shaped($"history.snapshot.{s}", n, d).ToSingles(), n))).ToArray();
        var divergence = Training.Divergence.Load(saved.Tensors, Diverged, Names(instance));
        return model =>
        {
            (lastGood[instance], lastGoodStep[instance], diverged[instance]) = (model, saved.Step, divergence);
            for (var t = 0; t < losses.Length; t++) history.Loss[t, instance] = losses[t];
            for (var at = 0; at < norms.Length; at++) history.Norms[at / n, instance, at % n] = norms[at];
            foreach (var (s, w) in snapshots) history.Snapshots[s, instance] = w;
        };
    }

    string[] Names(int instance) => [.. lastGood[instance].Parameters().Select(parameter => parameter.Name)];

    /// <summary>The last state of an instance whose loss was finite.</summary>
    public ToyModel LastGood(int instance) => lastGood[instance];

    /// <summary>Whether an instance has diverged.</summary>
    public bool HasDiverged(int instance) => diverged[instance] is not null;

    /// <summary>The loss of an instance that stands so is not finite at a step. The first time counts; nothing of it is recorded from then on.</summary>
    public void Diverge(int instance, long step, ToyModel now) =>
        diverged[instance] ??= new(step, Divergence.Blame(now.Parameters()), lastGoodStep[instance]);

    /// <summary>All instances, given those that did not diverge.</summary>
    /// <exception cref="DivergenceException{TState}">One has; it carries the others as they were trained.</exception>
    public ToyModel[] All(IReadOnlyList<ToyModel?> trained)
    {
        ToyModel[] all = [.. trained.Select((model, j) => model ?? lastGood[j])];
        var first = Array.FindIndex(diverged, divergence => divergence is not null);
        return first < 0 ? all : throw new DivergenceException<IReadOnlyList<ToyModel>>("toy model", diverged[first]!, first, all);
    }

    public ToyModelHistory ToHistory() => history;
}

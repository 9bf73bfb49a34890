using Superposition.Training;

namespace Superposition.ToyModels;

/// <summary>Collects the history of K instances and keeps the last state of each whose loss was finite; instances may arrive from several threads.</summary>
internal sealed class HistoryRecorder
{
    readonly int every, last;
    readonly ToyModelHistory history;
    readonly ToyModel[] lastGood;
    readonly long[] lastGoodStep;

    public HistoryRecorder(ToyModelOptions options, IReadOnlyList<ToyModel> initial)
    {
        (every, last) = (options.HistoryEvery, options.Steps);
        (lastGood, lastGoodStep) = ([.. initial], new long[initial.Count]);
        history = ToyModelHistory.Empty(initial.Count, initial[0].Features,
            [.. Enumerable.Range(1, last).Where(Wants).Select(step => (long)step)]);
    }

    /// <summary>The first step, every so many, and the last.</summary>
    public bool Wants(int step) => step == 1 || step % every == 0 || step == last;

    /// <summary>The state before a step's update, and the finite loss it has.</summary>
    public void Record(int step, int instance, float loss, ToyModel model)
    {
        (lastGood[instance], lastGoodStep[instance]) = (model, step - 1);
        var t = Array.BinarySearch(history.Steps, step);
        history.Loss[t, instance] = loss;
        var norms = model.Norms();
        for (var i = 0; i < norms.Length; i++) history.Norms[t, instance, i] = (float)norms[i];
    }

    /// <summary>What to throw when an instance's loss is not finite at a step.</summary>
    public DivergenceException Divergence(int step, int instance) =>
        new DivergenceException<IReadOnlyList<ToyModel>>("toy model", step, instance, lastGoodStep[instance], lastGood);

    public ToyModelHistory ToHistory() => history;
}

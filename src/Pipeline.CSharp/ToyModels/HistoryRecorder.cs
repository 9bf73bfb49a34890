namespace Superposition.ToyModels;

/// <summary>Collects the history of K instances, which may arrive from several threads in any order.</summary>
internal sealed class HistoryRecorder
{
    readonly int every, last;
    readonly ToyModelHistory history;

    public HistoryRecorder(ToyModelOptions options, int features)
    {
        (every, last) = (options.HistoryEvery, options.Steps);
        history = ToyModelHistory.Empty(options.Instances, features,
            [.. Enumerable.Range(1, last).Where(Wants).Select(step => (long)step)]);
    }

    /// <summary>The first step, every so many, and the last.</summary>
    public bool Wants(int step) => step == 1 || step % every == 0 || step == last;

    /// <summary>The state before a step's update.</summary>
    public void Record(int step, int instance, float loss, ToyModel model)
    {
        var t = Array.BinarySearch(history.Steps, step);
        history.Loss[t, instance] = loss;
        var norms = model.Norms();
        for (var i = 0; i < norms.Length; i++) history.Norms[t, instance, i] = (float)norms[i];
    }

    public ToyModelHistory ToHistory() => history;
}

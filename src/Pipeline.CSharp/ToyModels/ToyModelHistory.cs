namespace Superposition.ToyModels;

/// <summary>What a training of K instances left behind, a row every <see cref="ToyModelOptions.HistoryEvery"/> steps and the last.</summary>
/// <param name="Steps">[T] The step whose batch the loss is of, from 1.</param>
/// <param name="Loss">[T, K] Batch mean of the objective, before the step's update.</param>
/// <param name="Norms">[T, K, n] ‖W_i‖, before the step's update.</param>
public sealed record ToyModelHistory(long[] Steps, float[,] Loss, float[,,] Norms)
{
    /// <summary>[S] The steps of the snapshots, from 1; empty where none were asked for.</summary>
    public long[] SnapshotSteps { get; init; } = [];

    /// <summary>[S, K] of [n, d]: W before the step's update.</summary>
    public float[,][,] Snapshots { get; init; } = new float[0, 0][,];

    /// <summary>Room for the points of some steps, none by default.</summary>
    internal static ToyModelHistory Empty(int instances, int features, params long[] steps) =>
        new(steps, new float[steps.Length, instances], new float[steps.Length, instances, features]);

    /// <summary>Histories of one instance each, of the same steps, as one; zeros and no snapshots where there is none.</summary>
    internal static ToyModelHistory Beside(IReadOnlyList<ToyModelHistory?> histories, int features)
    {
        if (histories.FirstOrDefault(h => h?.Steps.Length > 0) is not { } first) return Empty(histories.Count, features);
        var snapshots = first.SnapshotSteps;
        var all = Empty(histories.Count, features, first.Steps) with
        {
            SnapshotSteps = snapshots,
            Snapshots = new float[snapshots.Length, histories.Count][,],
        };
        for (var j = 0; j < histories.Count; j++)
        {
            if (histories[j] is not { Steps.Length: > 0 } one) continue;
            for (var t = 0; t < first.Steps.Length; t++)
            {
                all.Loss[t, j] = one.Loss[t, 0];
                for (var i = 0; i < features; i++) all.Norms[t, j, i] = one.Norms[t, 0, i];
            }
            for (var s = 0; s < snapshots.Length; s++) all.Snapshots[s, j] = one.Snapshots[s, 0];
        }
        return all;
    }
}

namespace Superposition.ToyModels;

/// <summary>What a training of K instances left behind, a row every <see cref="ToyModelOptions.HistoryEvery"/> steps and the last.</summary>
/// <param name="Steps">[T] The step whose batch the loss is of, from 1.</param>
/// <param name="Loss">[T, K] Batch mean of the objective, before the step's update; NaN from where an instance diverged.</param>
/// <param name="Norms">[T, K, n] ‖W_i‖, before the step's update; NaN likewise.</param>
public sealed record ToyModelHistory(long[] Steps, float[,] Loss, float[,,] Norms)
{
    /// <summary>[S] The steps of the snapshots, from 1; empty where none were asked for.</summary>
    public long[] SnapshotSteps { get; init; } = [];

    /// <summary>[S, K] of [n, d]: W before the step's update.</summary>
    public float[,][,] Snapshots { get; init; } = new float[0, 0][,];

    /// <summary>Room for the points of some steps, none by default.</summary>
    internal static ToyModelHistory Empty(int instances, int features, params long[] steps) =>
        new(steps, new float[steps.Length, instances], new float[steps.Length, instances, features]);
}

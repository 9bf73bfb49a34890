namespace Superposition.ToyModels;

/// <summary>What a training of K instances left behind, a row every <see cref="ToyModelOptions.HistoryEvery"/> steps and the last.</summary>
/// <param name="Steps">[T] The step whose batch the loss is of, from 1.</param>
/// <param name="Loss">[T, K] Batch mean of Σ_i I_i (x_i − x̂_i)², before the step's update.</param>
/// <param name="Norms">[T, K, n] ‖W_i‖, before the step's update.</param>
public sealed record ToyModelHistory(long[] Steps, float[,] Loss, float[,,] Norms)
{
    /// <summary>Room for the points of some steps, none by default.</summary>
    internal static ToyModelHistory Empty(int instances, int features, params long[] steps) =>
        new(steps, new float[steps.Length, instances], new float[steps.Length, instances, features]);
}

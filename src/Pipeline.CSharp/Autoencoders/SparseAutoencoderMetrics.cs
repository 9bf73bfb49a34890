using Superposition.Training;
using static TorchSharp.torch;

namespace Superposition.Autoencoders;

/// <summary>How well an autoencoder does on some rows.</summary>
/// <param name="Loss">Mean over rows of everything descended.</param>
/// <param name="SquaredError">Mean over rows of ‖x − x̂‖².</param>
/// <param name="ExplainedVariance">1 − Σ‖x − x̂‖² / Σ‖x − x̄‖², x̄ the mean over the same rows; at most 1.</param>
/// <param name="L0">Mean number of non-zero latents a row.</param>
/// <param name="DeadFraction">Share of latents that have not fired for <see cref="SparseAutoencoderOptions.DeadAfter"/> samples.</param>
public sealed record SparseAutoencoderMetrics(double Loss, double SquaredError, double ExplainedVariance, double L0, double DeadFraction)
{
    internal static SparseAutoencoderMetrics Of(Tensor x, Forward forward, double deadFraction)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var error = Squares.Rows(x, forward.Reconstruction).mean().item<float>();
        var variance = Squares.Rows(x, x.mean([0])).mean().item<float>();
        return new(
            forward.Loss.item<float>(), error, variance > 0 ? 1 - error / variance : double.NaN,
            (double)forward.Latents.count_nonzero().item<long>() / x.shape[0],
            deadFraction);
    }
}

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
    internal static SparseAutoencoderMetrics Of(Tensor target, StepOutcome outcome, double deadFraction)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var error = outcome.Errors.Average(e => (double)e);
        var variance = Squares.Rows(target, target.mean([0])).mean().ToDouble();
        return new(outcome.Loss, error, variance > 0 ? 1 - error / variance : double.NaN, outcome.L0, deadFraction);
    }
}

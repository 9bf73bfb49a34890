using Superposition.Training;
using static TorchSharp.torch;

namespace Superposition.Autoencoders;

/// <summary>
/// Matching pursuit: the latent that fits best is taken off the residual, again and again, so that what a latent holds depends on what
/// has been explained before it: r = x − b_dec; repeat j = argmax r·d_j, v = ReLU(r·d_j), z_j += v, r −= v d_j. Encoder and decoder are one.
/// Loss ‖r‖², its gradient through the chosen rows (Costa et al. 2025, "From Flat to Hierarchical: Extracting Sparse Representations with
/// Matching Pursuit"; SAELens matching_pursuit_sae.py).
/// </summary>
public sealed record MatchingPursuitOptions : SparseAutoencoderOptions
{
    /// <summary>Decoder rows begin at norm 1 and are not held there, as in SAELens.</summary>
    public MatchingPursuitOptions() => InitialDecoderNorm = 1;

    /// <summary>Times a latent is taken at most; at least 1. L0 is at most this.</summary>
    public required int Iterations { get; init; }

    /// <summary>
    /// Whether a sample is done after an iteration that brought no new latent, whose value still counts (SAELens
    /// stop_on_duplicate_support). True by default.
    /// </summary>
    public bool StopsOnRepeat { get; init; } = true;

    /// <inheritdoc/>
    public override SparseAutoencoderOptions ForL0(double target) => this with { Iterations = (int)Math.Round(target) };

    internal override Architecture Architecture => new MatchingPursuit(this);

    internal override IEnumerable<string> Problems()
    {
        foreach (var problem in base.Problems()) yield return problem;
        if (Iterations < 1) yield return $"Iterations is {Iterations}; it must be at least 1.";
    }
}

internal sealed class MatchingPursuit(MatchingPursuitOptions options) : Architecture
{
    public override bool IsTied => true;

    public override Biases Biases => Biases.Decoder;

    // v would change with the norm of d_j, and with it what is chosen.
    public override bool Folds => false;

    public override Forward Forward(Batch batch, SparseAutoencoderParameters parameters)
    {
        var residual = batch.X - parameters.DecoderBias;
        Tensor? latents = null;
        foreach (var (chosen, active) in Chosen(residual.detach(), parameters.Decoder.detach()))
        {
            var rows = parameters.Decoder.index_select(0, chosen);
            var value = nn.functional.relu((residual * rows).sum(dim: 1)) * active;
            residual = residual - value.unsqueeze(1) * rows;
            latents = (latents ?? zeros([batch.X.shape[0], parameters.Decoder.shape[0]], dtype: batch.X.dtype))
                .scatter_add(1, chosen.unsqueeze(1), value.detach().unsqueeze(1));
        }
        var reconstruction = batch.X - residual;
        return new((residual * residual).sum(dim: 1).mean(), latents!, reconstruction);
    }

    // [B] latents of each iteration, and [B] 1 where a sample is not done. By the Gram matrix, a latent that is taken lowers all
    // scores by a row of it: m multiplications a sample where the product with the residual would be m·d.
    List<(Tensor Chosen, Tensor Active)> Chosen(Tensor residual, Tensor decoder)
    {
        using var noGradient = no_grad();
        var (gram, scores) = (decoder.matmul(decoder.T), residual.matmul(decoder.T));
        var (taken, active) = (zeros_like(scores), ones([scores.shape[0]], dtype: scores.dtype));
        var iterations = new List<(Tensor, Tensor)>();
        for (var iteration = 0; iteration < options.Iterations; iteration++)
        {
            var (best, chosen) = scores.max(dim: 1);
            var column = chosen.unsqueeze(1);
            active = active * best.gt(zeros_like(best)).to(scores.dtype);
            iterations.Add((chosen, active));
            scores = scores - (nn.functional.relu(best) * active).unsqueeze(1) * gram.index_select(0, chosen);
            if (!options.StopsOnRepeat) continue;
            active = active - active * taken.gather(1, column).squeeze(1);
            taken = taken.scatter(1, column, ones_like(column).to(scores.dtype));
        }
        return iterations;
    }

    public override SparseActivation Activation(SparseAutoencoderParameters parameters, float[] norms) =>
        new MatchingPursuitActivation(options.Iterations, options.StopsOnRepeat);
}

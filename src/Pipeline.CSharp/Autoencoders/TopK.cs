using Superposition.Training;
using static TorchSharp.torch;

namespace Superposition.Autoencoders;

/// <summary>
/// TopK: z = ReLU(TopK(W_encᵀ(x − b_dec) + b_enc)), x̂ = W_decᵀz + b_dec, loss ‖x − x̂‖² + α‖e − ê‖². Fixes L0 by construction,
/// so no penalty shrinks what is kept (Gao et al. 2024, "Scaling and evaluating sparse autoencoders", §2.3 and A.2).
/// </summary>
public sealed record TopKOptions : SparseAutoencoderOptions
{
    /// <summary>k, latents kept a sample; from 1 to m.</summary>
    public required int K { get; init; }

    /// <summary>α, weight of the dead latents' attempt at the residual (AuxK); at least 0. Default 1/32, as in the paper.</summary>
    public double AuxiliaryCoefficient { get; init; } = 1.0 / 32;

    internal override Architecture Architecture => new TopK(this);

    internal override IEnumerable<string> Problems()
    {
        foreach (var problem in base.Problems()) yield return problem;
        if (K < 1 || K > Latents) yield return $"K is {K}; it must be from 1 to Latents = {Latents}.";
        if (!(AuxiliaryCoefficient >= 0 && double.IsFinite(AuxiliaryCoefficient)))
            yield return $"AuxiliaryCoefficient is {AuxiliaryCoefficient}; it must be at least 0.";
    }
}

/// <summary>Decoder rows stay on the unit sphere, gradients projected onto its tangent, as in openai/sparse_autoencoder train.py.</summary>
internal sealed class TopK(TopKOptions options) : Architecture
{
    public override double InitialDecoderNorm => 1;

    public override Forward Forward(Tensor x, SparseAutoencoderParameters parameters, long[] dead, long step)
    {
        var pre = parameters.Encode(x);
        var (values, indices) = pre.topk(options.K, dim: 1, sorted: false);
        var latents = zeros_like(pre).scatter(1, indices, nn.functional.relu(values));
        var reconstruction = parameters.Decode(latents);
        var loss = Squares.Rows(x, reconstruction).mean();
        if (Auxiliary(x - reconstruction, pre, parameters, dead) is { } auxiliary)
            loss = Sums.Of(loss, auxiliary);
        return new(loss, latents, reconstruction);
    }

    // The k_aux = min(d/2, dead) largest pre-activations of dead latents predict what the live ones left over; raw, without
    // b_dec, and scaled down while few are dead (SAELens topk_sae.py after PR 644).
    Tensor? Auxiliary(Tensor residual, Tensor pre, SparseAutoencoderParameters parameters, long[] dead)
    {
        if (options.AuxiliaryCoefficient == 0 || dead.Length == 0) return null;
        var (latents, half) = (tensor(dead), Math.Max(1, residual.shape[1] / 2));
        var deadPre = pre.index_select(1, latents);
        var (values, indices) = deadPre.topk((int)Math.Min(half, dead.Length), dim: 1, sorted: false);
        var estimate = zeros_like(deadPre).scatter(1, indices, values).matmul(parameters.Decoder.index_select(0, latents));
        var weight = tensor((float)(options.AuxiliaryCoefficient * Math.Min(1.0, (double)dead.Length / half)));
        return weight * Squares.Rows(estimate, residual.detach()).mean();
    }

    public override void BeforeUpdate(SparseAutoencoderParameters parameters)
    {
        using var gradient = parameters.Decoder.grad;
        if (gradient is null) return;
        gradient.sub_((gradient * parameters.Decoder).sum(dim: 1, keepdim: true) * parameters.Decoder);
    }

    public override void AfterUpdate(SparseAutoencoderParameters parameters) =>
        parameters.Decoder.div_(parameters.DecoderNorms(keepDimension: true));

    public override SparseActivation Activation => new TopKActivation(options.K);
}

using static TorchSharp.torch;

namespace Superposition.Autoencoders;

/// <summary>
/// TopK: z = ReLU(TopK(W_encᵀ(x − b_dec) + b_enc)), x̂ = W_decᵀz + b_dec, loss ‖x − x̂‖² + α‖e − ê‖². Fixes L0 by construction,
/// so no penalty shrinks what is kept (Gao et al. 2024, "Scaling and evaluating sparse autoencoders", §2.3 and A.2).
/// </summary>
public sealed record TopKOptions : KeepingOptions
{
    /// <summary>Decoder rows have norm 1, as in openai/sparse_autoencoder train.py.</summary>
    public TopKOptions() => DecoderNorm = DecoderNorm.Unit;

    internal override Architecture Architecture => new TopK(this);
}

internal sealed class TopK(TopKOptions options) : SelectingArchitecture(options)
{
    protected override Tensor Select(Tensor pre, Tensor score) => Select(options.K, pre, score);

    /// <summary>[B, m] ReLU of the k of highest score.</summary>
    public static Tensor Select(int k, Tensor pre, Tensor score)
    {
        var (_, indices) = score.topk(k, dim: 1, sorted: false);
        return zeros_like(pre).scatter(1, indices, nn.functional.relu(pre.gather(1, indices)));
    }

    protected override LatentSelection Selection => new LargestOfRow(options.K);

    public override SparseActivation Activation(SparseAutoencoderParameters parameters, float[] norms) => new TopKActivation(options.K);
}

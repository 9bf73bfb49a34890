using static TorchSharp.torch;

namespace Superposition.Autoencoders;

/// <summary>
/// AbsTopK: z = h on the k largest |h|, of either sign, so that one latent may hold a direction and its opposite (Zhu et al. 2025,
/// "AbsTopK: Rethinking Sparse Autoencoders For Bidirectional Features"). Loss as of TopK.
/// </summary>
public sealed record AbsTopKOptions : KeepingOptions
{
    /// <summary>Decoder rows have norm 1, as for TopK.</summary>
    public AbsTopKOptions() => DecoderNorm = DecoderNorm.Unit;

    internal override Architecture Architecture => new AbsTopK(this);
}

internal sealed class AbsTopK(AbsTopKOptions options) : SelectingArchitecture(options)
{
    protected override Tensor Select(Tensor pre, Tensor score)
    {
        var (_, indices) = score.abs().topk(options.K, dim: 1, sorted: false);
        return zeros_like(pre).scatter(1, indices, pre.gather(1, indices));
    }

    protected override LatentSelection Selection => new FarthestOfRow(options.K);

    public override SparseActivation Activation(SparseAutoencoderParameters parameters, float[] norms) => new AbsTopKActivation(options.K);
}

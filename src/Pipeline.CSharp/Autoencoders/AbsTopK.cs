using static TorchSharp.torch;

namespace Superposition.Autoencoders;

/// <summary>
/// AbsTopK: z = h on the k largest |h|, of either sign, so that one latent may hold a direction and its opposite (Zhu et al. 2025,
/// "AbsTopK: Rethinking Sparse Autoencoders For Bidirectional Features"). Loss as of TopK.
/// </summary>
public sealed record AbsTopKOptions : SelectingOptions
{
    /// <summary>Decoder rows have norm 1, as for TopK.</summary>
    public AbsTopKOptions() => DecoderNorm = DecoderNorm.Unit;

    /// <summary>k, latents kept a sample; from 1 to m.</summary>
    public required int K { get; init; }

    /// <inheritdoc/>
    public override SparseAutoencoderOptions ForL0(double target) => this with { K = (int)Math.Round(target) };

    internal override Architecture Architecture => new AbsTopK(this);

    internal override IEnumerable<string> Problems()
    {
        foreach (var problem in base.Problems()) yield return problem;
        if (K < 1 || K > Latents) yield return $"K is {K}; it must be from 1 to Latents = {Latents}.";
    }
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

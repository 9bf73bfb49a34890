using Superposition.Training;
using static TorchSharp.torch;

namespace Superposition.Autoencoders;

/// <summary>
/// Transcoder: reconstructs what a layer makes of its input, y, from the input, x: z = ReLU(TopK(W_encᵀx + b_enc)), ŷ = W_decᵀz + b_dec, and
/// with a skip connection + W_skip x; loss ‖y − ŷ‖² (Dunefsky et al. 2024, "Transcoders Find Interpretable LLM Feature Circuits"; Paulo et al.
/// 2025, "Transcoders Beat Sparse Autoencoders for Interpretability"; EleutherAI/sparsify sparse_coder.py, whose start it has: W_dec = 0,
/// b_enc = −W_encᵀx̄, b_dec = ȳ).
/// </summary>
public sealed record TranscoderOptions : KeepingOptions
{
    /// <summary>Column of y [d′], row by row the partner of the input column.</summary>
    public required string TargetColumn { get; init; }

    /// <summary>Whether W_skip x is added, W_skip [d′, d] beginning at 0. False by default.</summary>
    public bool Skip { get; init; }

    internal override Architecture Architecture => new Transcoder(this);

    internal override string? Target => TargetColumn;

    internal override IEnumerable<string> Problems()
    {
        foreach (var problem in base.Problems()) yield return problem;
        if (string.IsNullOrEmpty(TargetColumn)) yield return "TargetColumn is empty; name the column of what is to be reconstructed.";
        if (DecoderNorm == DecoderNorm.Unit) yield return "DecoderNorm is Unit; a transcoder's decoder begins at 0 and must be Free.";
        if (NormalizeActivations) yield return "NormalizeActivations is true; a transcoder has two kinds of activations, scale each before it.";
    }
}

internal sealed class Transcoder(TranscoderOptions options) : SelectingArchitecture(options)
{
    public override bool CentresInput => false;

    public override bool StartsSilent => true;

    public override bool HasSkip => options.Skip;

    public override SparseKernel? Kernel => options.Skip ? null : base.Kernel;   // W_skip is dense

    // With W_dec = 0 all norms are 0 and tell no latent from another: latents are compared as they are, and norms stay where they are.
    public override bool WeighsByNorm => false;

    public override bool Folds => false;

    protected override Tensor Select(Tensor pre, Tensor score) => TopK.Select(options.K, pre, score);

    protected override LatentSelection Selection => new LargestOfRow(options.K);

    public override SparseActivation Activation(SparseAutoencoderParameters parameters, float[] norms) => new TopKActivation(options.K);
}

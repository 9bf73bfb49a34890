using Superposition.Training;
using static TorchSharp.torch;

namespace Superposition.Autoencoders;

/// <summary>
/// L1: z = ReLU(W_encᵀ(x − b_dec) + b_enc), x̂ = W_decᵀz + b_dec, loss ‖x − x̂‖² + λ Σ_j z_j‖d_j‖. With a free decoder the norm
/// weighs the penalty and takes its gradient, so it cannot be cheated by long rows (Anthropic, April 2024 update; SAELens
/// standard_sae.py); with rows of norm 1 it is the form of Bricken et al. 2023 (dictionary_learning trainers/standard.py).
/// </summary>
public sealed record L1Options : PenalizedOptions
{
    /// <summary>Dead latents are resampled every 2,500 steps.</summary>
    public L1Options() => ResampleEvery = 2500;

    /// <summary>Whether W_enc is W_decᵀ. False by default.</summary>
    public bool Tied { get; init; }

    /// <summary>Which biases are learnt; those that are not stay 0. Both by default.</summary>
    public Biases Biases { get; init; }

    internal override Architecture Architecture => new L1(this);

    internal override IEnumerable<string> Problems()
    {
        foreach (var problem in base.Problems()) yield return problem;
        if (!Enum.IsDefined(Biases)) yield return $"Biases is {Biases}; it must be one of {string.Join(", ", Enum.GetNames<Biases>())}.";
    }
}

/// <summary>Which biases an autoencoder learns.</summary>
public enum Biases
{
    /// <summary>b_enc and b_dec.</summary>
    Both,

    /// <summary>b_dec alone.</summary>
    Decoder,

    /// <summary>Neither.</summary>
    None,
}

internal sealed class L1(L1Options options) : PenalizedArchitecture(options)
{
    public override bool IsTied => options.Tied;

    public override Biases Biases => options.Biases;

    public override Forward Forward(Batch batch, SparseAutoencoderParameters parameters)
    {
        var latents = nn.functional.relu(parameters.Encode(batch.X));
        var reconstruction = parameters.Decode(latents, batch.X);
        var activity = options.DecoderNorm == DecoderNorm.Free ? latents.matmul(parameters.DecoderNorms()) : latents.sum(dim: 1);
        var price = tensor(Price(batch.Step), dtype: batch.X.dtype);
        return new(Sums.Of(Squares.Rows(batch.Target, reconstruction).mean(), price * activity.mean()), latents, reconstruction);
    }

    public override SparseKernel? Kernel =>
        options.Tied || options.Biases != Biases.Both ? null : new L1Kernel(options, batch => new(Price(batch.Step), 1, 1, false));

    public override SparseActivation Activation(SparseAutoencoderParameters parameters, float[] norms) => new ReluActivation();
}

using Superposition.Training;
using static TorchSharp.torch;

namespace Superposition.Autoencoders;

/// <summary>
/// Gated: which latents are on and how large they are is asked apart, so that the price on the first does not shrink the second.
/// π = W_encᵀ(x − b_dec) + b_gate, z = 1[π &gt; 0]·ReLU(exp(r_mag)·W_encᵀ(x − b_dec) + b_mag); loss ‖x − x̂‖² + λ Σ_j ReLU(π_j)‖d_j‖
/// + ‖W_decᵀReLU(π) + b_dec − x‖² (Rajamanoharan et al. 2024, "Improving Dictionary Learning with Gated Sparse Autoencoders", §3.2).
/// </summary>
public sealed record GatedOptions : PenalizedOptions
{
    /// <summary>Decoder rows have norm 1, as in the paper.</summary>
    public GatedOptions() => DecoderNorm = DecoderNorm.Unit;

    /// <summary>
    /// Whether the decoder is held constant in the last term, as in the paper and dictionary_learning (default), or not, as in SAELens. With a
    /// free decoder it should not be: its norm, which the price makes small, would be missed nowhere, for r_mag makes up for it.
    /// </summary>
    public bool DetachesAuxiliary { get; init; } = true;

    internal override Architecture Architecture => new Gated(this);
}

internal sealed class Gated(GatedOptions options) : PenalizedArchitecture(options)
{
    /// <summary>Names of own parameters.</summary>
    public const string MagnitudeBias = "b_mag", LogMagnitude = "r_mag";

    public override IReadOnlyList<OwnParameter> OwnParameters => [new(MagnitudeBias, 0), new(LogMagnitude, 0)];

    public override Forward Forward(Batch batch, SparseAutoencoderParameters parameters)
    {
        var pre = parameters.EncodeWithoutBias(batch.X);
        var gate = nn.functional.relu(Sums.Of(pre, parameters.EncoderBias));
        var magnitude = nn.functional.relu(Sums.Of(pre * parameters[LogMagnitude].exp(), parameters[MagnitudeBias]));
        var latents = where(gate.gt(zeros_like(gate)), magnitude, zeros_like(gate));
        var reconstruction = parameters.Decode(latents, batch.X);
        var (decoder, bias) = options.DetachesAuxiliary
            ? (parameters.Decoder.detach(), parameters.DecoderBias.detach())
            : (parameters.Decoder, parameters.DecoderBias);
        var auxiliary = Squares.Rows(batch.Target, Sums.Of(gate.matmul(decoder), bias)).mean();
        var activity = options.DecoderNorm == DecoderNorm.Free ? gate.matmul(parameters.DecoderNorms()) : gate.sum(dim: 1);
        var price = tensor(Price(batch.Step), dtype: batch.X.dtype);
        var loss = Sums.Of(Sums.Of(Squares.Rows(batch.Target, reconstruction).mean(), price * activity.mean()), auxiliary);
        return new(loss, latents, reconstruction);
    }

    public override SparseKernel Kernel => new GatedKernel(options, this);

    // h and both biases gain the norm; r_mag does not.
    public override SparseActivation Activation(SparseAutoencoderParameters parameters, float[] norms) => new GatedActivation(
        Times(parameters.EncoderBias.ToSingles(), norms), parameters[LogMagnitude].ToSingles(), Times(parameters[MagnitudeBias].ToSingles(), norms));

    static float[] Times(float[] values, float[] norms) => [.. values.Zip(norms, (value, norm) => value * norm)];

    public override bool BiasIsOwn => true;
}

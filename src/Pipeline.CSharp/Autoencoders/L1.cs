using Superposition.Training;
using static TorchSharp.torch;

namespace Superposition.Autoencoders;

/// <summary>
/// L1: z = ReLU(W_encᵀ(x − b_dec) + b_enc), x̂ = W_decᵀz + b_dec, loss ‖x − x̂‖² + λ Σ_j z_j‖d_j‖. The decoder's norm is free and
/// weighs the penalty, so it cannot be cheated by long rows (Anthropic, April 2024 update; SAELens standard_sae.py).
/// </summary>
public sealed record L1Options : SparseAutoencoderOptions
{
    /// <summary>λ, the price of a unit of activation; above 0. It scales with the data: start at about a tenth of ‖x‖.</summary>
    public required double Coefficient { get; init; }

    /// <summary>Share of the steps over which λ grows from 0; in [0, 1]. Default 0.05.</summary>
    public double WarmUp { get; init; } = 0.05;

    /// <summary>
    /// Steps between two resamplings of dead latents, none in the last quarter; 0 for never. Default 2,500 (Bricken et al. 2023, "Neuron resampling").
    /// </summary>
    public int ResampleEvery { get; init; } = 2500;

    internal override Architecture Architecture => new L1(this);

    internal override IEnumerable<string> Problems()
    {
        foreach (var problem in base.Problems()) yield return problem;
        if (!(Coefficient > 0 && double.IsFinite(Coefficient))) yield return $"Coefficient is {Coefficient}; it must be above 0.";
        if (!(WarmUp is >= 0 and <= 1)) yield return $"WarmUp is {WarmUp}; it must be in [0, 1].";
        if (ResampleEvery < 0) yield return $"ResampleEvery is {ResampleEvery}; it must be at least 0.";
    }
}

/// <summary>The gradient flows through ‖d_j‖; rows begin at norm 0.1 and are folded to 1 at the end, which changes no output.</summary>
internal sealed class L1(L1Options options) : Architecture
{
    public override double InitialDecoderNorm => 0.1;

    public override Forward Forward(Tensor x, SparseAutoencoderParameters parameters, long[] dead, long step)
    {
        var latents = nn.functional.relu(parameters.Encode(x));
        var reconstruction = parameters.Decode(latents);
        var penalty = latents.matmul(parameters.DecoderNorms()).mean();
        var loss = Sums.Of(Squares.Rows(x, reconstruction).mean(), tensor((float)Coefficient(step)) * penalty);
        return new(loss, latents, reconstruction);
    }

    double Coefficient(long step)
    {
        var warmUp = options.WarmUp * options.Steps;
        return options.Coefficient * (step < warmUp ? step / warmUp : 1);
    }

    public override bool Resamples(long step) =>
        options.ResampleEvery > 0 && step % options.ResampleEvery == 0 && step <= options.Steps * 3 / 4;

    public override SparseActivation Activation => new ReluActivation();
}

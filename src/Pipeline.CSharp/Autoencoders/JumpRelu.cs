using Superposition.Training;
using static TorchSharp.torch;

namespace Superposition.Autoencoders;

/// <summary>
/// JumpReLU: z = h·1[h &gt; θ], θ learnt a latent, by straight-through estimates over a window of width ε around it: with
/// K = 1[|h − θ| &lt; ε/2], ∂z/∂θ = −(θ/ε)K and ∂1[h &gt; θ]/∂θ = −(1/ε)K (Rajamanoharan et al. 2024, "Jumping Ahead", §3–4). θ itself is
/// trained and kept at 0 or above: Adam moves a log-threshold by about θ·lr a step, and L0 freezes (SAELens PR 718).
/// </summary>
public sealed record JumpReluOptions : PenalizedOptions
{
    /// <summary>What activity costs. Default: each active latent 1.</summary>
    public JumpReluPenalty Penalty { get; init; }

    /// <summary>θ in the beginning; at least 0. Default 0.01, as in SAELens.</summary>
    public double InitialThreshold { get; init; } = 0.01;

    /// <summary>ε, the window of the estimates; above 0. Default 0.05, as in SAELens.</summary>
    public double Bandwidth { get; init; } = 0.05;

    /// <summary>c of the tanh penalty; above 0. Default 4 (Anthropic, January 2025 update).</summary>
    public double TanhScale { get; init; } = 4;

    /// <summary>Price of how far below θ a dead latent lies, ReLU(θ_j − h_j)‖d_j‖; at least 0. Default 0; Anthropic has 3e-6.</summary>
    public double DeadCoefficient { get; init; }

    internal override Architecture Architecture => new JumpRelu(this);

    internal override IEnumerable<string> Problems()
    {
        foreach (var problem in base.Problems()) yield return problem;
        if (!Enum.IsDefined(Penalty)) yield return $"Penalty is {Penalty}; it must be one of {string.Join(", ", Enum.GetNames<JumpReluPenalty>())}.";
        if (!(InitialThreshold >= 0 && double.IsFinite(InitialThreshold))) yield return $"InitialThreshold is {InitialThreshold}; it must be at least 0.";
        if (!(Bandwidth > 0 && double.IsFinite(Bandwidth))) yield return $"Bandwidth is {Bandwidth}; it must be above 0.";
        if (!(TanhScale > 0 && double.IsFinite(TanhScale))) yield return $"TanhScale is {TanhScale}; it must be above 0.";
        if (!(DeadCoefficient >= 0 && double.IsFinite(DeadCoefficient))) yield return $"DeadCoefficient is {DeadCoefficient}; it must be at least 0.";
        if (Penalty == JumpReluPenalty.Quadratic && TargetL0 is null) yield return "TargetL0 is null; the quadratic penalty needs it.";
    }
}

/// <summary>What activity costs a JumpReLU autoencoder.</summary>
public enum JumpReluPenalty
{
    /// <summary>λ Σ_j 1[h_j &gt; θ_j] (Rajamanoharan et al. 2024).</summary>
    Step,

    /// <summary>λ Σ_j tanh(c z_j‖d_j‖) (Anthropic, January 2025 update).</summary>
    Tanh,

    /// <summary>λ (L0 / TargetL0 − 1)² of the batch's L0 (dictionary_learning jumprelu.py; Gemma Scope 2 is alike). λ is not steered.</summary>
    Quadratic,
}

internal sealed class JumpRelu(JumpReluOptions options) : PenalizedArchitecture(options)
{
    /// <summary>Name of θ.</summary>
    public const string Threshold = "threshold";

    public override IReadOnlyList<OwnParameter> OwnParameters => [new(Threshold, options.InitialThreshold)];

    public override Forward Forward(Batch batch, SparseAutoencoderParameters parameters)
    {
        var pre = parameters.Encode(batch.X);
        var threshold = parameters[Threshold];
        var open = pre.gt(threshold).to(pre.dtype);
        var window = Window(pre, threshold);
        // θ − sg(θ) is 0 and has gradient 1: forward unchanged, the estimate behind it.
        var free = threshold - threshold.detach();
        var latents = Sums.Of(pre * open, window * (-threshold.detach()) * free);
        var reconstruction = parameters.Decode(latents, batch.X);
        var loss = Squares.Rows(batch.Target, reconstruction).mean();
        var price = tensor(Price(batch.Step), dtype: pre.dtype);
        loss = Sums.Of(loss, price * Activity(latents, open, window, free, parameters));
        if (Revival(pre, threshold, batch.Dead, parameters) is { } revival) loss = Sums.Of(loss, revival);
        return new(loss, latents, reconstruction);
    }

    // K / ε
    Tensor Window(Tensor pre, Tensor threshold)
    {
        var half = tensor(options.Bandwidth / 2, dtype: pre.dtype);
        var height = tensor(1 / options.Bandwidth, dtype: pre.dtype);
        return (pre - threshold).detach().abs().lt(half).to(pre.dtype) * height;
    }

    Tensor Activity(Tensor latents, Tensor open, Tensor window, Tensor free, SparseAutoencoderParameters parameters)
    {
        if (options.Penalty == JumpReluPenalty.Tanh)
        {
            var weighted = options.DecoderNorm == DecoderNorm.Free ? latents * parameters.DecoderNorms() : latents;
            return (weighted * tensor(options.TanhScale, dtype: latents.dtype)).tanh().sum(dim: 1).mean();
        }
        var l0 = (open - window * free).sum(dim: 1).mean();
        if (options.Penalty == JumpReluPenalty.Step) return l0;
        var miss = l0 * tensor(1 / options.TargetL0!.Value, dtype: latents.dtype) - tensor(1.0, dtype: latents.dtype);
        return miss * miss;
    }

    Tensor? Revival(Tensor pre, Tensor threshold, long[] dead, SparseAutoencoderParameters parameters)
    {
        if (options.DeadCoefficient == 0 || dead.Length == 0) return null;
        var latents = tensor(dead);
        var below = nn.functional.relu(threshold.index_select(0, latents) - pre.index_select(1, latents));
        return tensor(options.DeadCoefficient, dtype: pre.dtype) * below.matmul(parameters.DecoderNorms().index_select(0, latents)).mean();
    }

    public override SparseKernel Kernel => new JumpReluKernel(options, this);

    public override void Observe(StepOutcome outcome)
    {
        if (options.Penalty != JumpReluPenalty.Quadratic) base.Observe(outcome);   // the quadratic one has its target in the loss
    }

    public override void Constrain(SparseAutoencoderParameters parameters) => parameters[Threshold].relu_();

    public override SparseActivation Activation(SparseAutoencoderParameters parameters, float[] norms) =>
        new JumpReluActivation([.. parameters[Threshold].ToSingles().Zip(norms, (threshold, norm) => threshold * norm)]);
}

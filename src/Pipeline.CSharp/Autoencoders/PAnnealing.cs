using Superposition.Training;
using static TorchSharp.torch;

namespace Superposition.Autoencoders;

/// <summary>
/// p-annealing: L1 whose penalty λ Σ_j (z_j‖d_j‖)^p goes from p = 1, which trains well, in steps down to p &lt; 1, which shrinks less and is
/// nearer to L0; at each step λ is scaled so that the penalty of the last batches stays (Karvonen et al. 2024, "Measuring Progress in
/// Dictionary Learning for Language Model Interpretability with Board Game Models", §4.2; dictionary_learning trainers/p_anneal.py, whose
/// resampling writes to a copy and does nothing: here it works).
/// </summary>
public sealed record PAnnealingOptions : PenalizedOptions
{
    /// <summary>Decoder rows have norm 1.</summary>
    public PAnnealingOptions() => DecoderNorm = DecoderNorm.Unit;

    /// <summary>The p it ends at; in (0, 1]. Default 0.2, as in the paper.</summary>
    public double FinalPower { get; init; } = 0.2;

    /// <summary>Share of the steps after which p begins to fall; in [0, 1). Default 0.25.</summary>
    public double AnnealFrom { get; init; } = 0.25;

    /// <summary>In how many steps it falls; at least 1. Default 10.</summary>
    public int Updates { get; init; } = 10;

    /// <summary>Whether the penalty is (Σ_j …^p)^(1/p), dictionary_learning's 'Lp'. False by default, the paper's Σ_j …^p.</summary>
    public bool TakesRoot { get; init; }

    internal override Architecture Architecture => new PAnnealing(this);

    internal override IEnumerable<string> Problems()
    {
        foreach (var problem in base.Problems()) yield return problem;
        if (!(FinalPower is > 0 and <= 1)) yield return $"FinalPower is {FinalPower}; it must be in (0, 1].";
        if (!(AnnealFrom is >= 0 and < 1)) yield return $"AnnealFrom is {AnnealFrom}; it must be in [0, 1).";
        if (Updates < 1) yield return $"Updates is {Updates}; it must be at least 1.";
    }
}

internal sealed class PAnnealing(PAnnealingOptions options) : PenalizedArchitecture(options, ownState: 2 + 2 * Window)
{
    /// <summary>Batches whose penalties are compared when p changes.</summary>
    const int Window = 10;

    (double Now, double Next) lastPenalties;

    // What is remembered: ln of λ's scale, batches seen, and a ring of penalties at the present p and at the next.
    double Scale { get => Math.Exp(OwnState[0]); set => OwnState[0] = Math.Log(value); }

    /// <summary>p after so many changes.</summary>
    double Power(int updates) => 1 + (options.FinalPower - 1) * Math.Min(updates, options.Updates) / options.Updates;

    /// <summary>How often p has changed before a step, from 1.</summary>
    int UpdatesBefore(long step)
    {
        var (from, share) = (options.AnnealFrom * options.Steps, (1 - options.AnnealFrom) * options.Steps / options.Updates);
        return step <= from ? 0 : (int)Math.Min(options.Updates, Math.Ceiling((step - from) / share));
    }

    public override Forward Forward(Batch batch, SparseAutoencoderParameters parameters)
    {
        var latents = nn.functional.relu(parameters.Encode(batch.X));
        var reconstruction = parameters.Decode(latents, batch.X);
        var weighted = options.DecoderNorm == DecoderNorm.Free ? latents * parameters.DecoderNorms() : latents;
        var updates = UpdatesBefore(batch.Step);
        var penalty = Penalty(weighted, Power(updates));
        using (no_grad())
        using (var next = Penalty(weighted.detach(), Power(updates + 1)))
            lastPenalties = (penalty.ToDouble(), next.ToDouble());
        var price = tensor(Price(batch.Step) * Scale, dtype: batch.X.dtype);
        return new(Sums.Of(Squares.Rows(batch.Target, reconstruction).mean(), price * penalty), latents, reconstruction);
    }

    // z^p is infinitely steep at 0, where z has no gradient: those that are 0 enter as 1 and are taken off.
    Tensor Penalty(Tensor weighted, double power)
    {
        var (zero, one) = (zeros_like(weighted), ones_like(weighted));
        var active = weighted.gt(zero);
        var exponent = tensor(power, dtype: weighted.dtype);
        var powers = where(active, where(active, weighted, one).pow(exponent), zero).sum(dim: 1);
        if (!options.TakesRoot) return powers.mean();
        var silent = powers.le(zeros_like(powers));
        var root = where(silent, ones_like(powers), powers).pow(tensor(1 / power, dtype: weighted.dtype));
        return where(silent, zeros_like(powers), root).mean();
    }

    public override void Observe(StepOutcome outcome)
    {
        base.Observe(outcome);
        var seen = (long)++OwnState[1];
        var now = OwnState.Slice(2, Window);
        var next = OwnState.Slice(2 + Window, Window);
        (now[(int)(seen % Window)], next[(int)(seen % Window)]) = lastPenalties;
        if (UpdatesBefore(seen + 1) > UpdatesBefore(seen) && Sum(next) > 0) Scale *= Sum(now) / Sum(next);

        static double Sum(Span<double> values)
        {
            var sum = 0.0;
            foreach (var value in values) sum += value;
            return sum;
        }
    }

    public override SparseKernel Kernel => new L1Kernel(options, batch =>
    {
        var updates = UpdatesBefore(batch.Step);
        return new(Price(batch.Step) * Scale, Power(updates), Power(updates + 1), options.TakesRoot);
    }, (now, next) => lastPenalties = (now, next));

    public override SparseActivation Activation(SparseAutoencoderParameters parameters, float[] norms) => new ReluActivation();
}

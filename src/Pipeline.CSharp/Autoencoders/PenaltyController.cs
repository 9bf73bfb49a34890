namespace Superposition.Autoencoders;

/// <summary>
/// λ from step to step. Towards a target it is multiplied by 1 + r·tanh(4·error/target), where error is what L0 comes to at its present slope
/// a seventh of the training ahead, and towards the end a third of what is left of it, less the target: λ rises while L0 falls too slowly, and
/// is let go before L0 falls too far.
/// SynthSAEBench (experiments/sweeps/common.py) steers by the L0 there is and waits while it moves at all, for which a short training has no time.
/// </summary>
/// <param name="options">What is asked.</param>
/// <param name="state">[4] Multiplier, smoothed L0, its smoothed slope, steps seen.</param>
internal sealed class PenaltyController(PenalizedOptions options, Memory<double> state)
{
    /// <summary>Numbers it remembers.</summary>
    public const int StateLength = 4;

    // r times the steps: λ could come to e^±30 of where it began. Half as fast, gated has not arrived at the end; twice, L0 swings.
    const double Reach = 30, FastestRate = 0.05;
    // L0 nears its target as e^(−t/Ahead). Nearer, λ swings for JumpReLU, whose threshold answers late; as far up to the end, and gated, which
    // begins above a hundred, has not arrived.
    const double Ahead = 0.15, AheadOfWhatIsLeft = 0.3;
    // Half as steep, and JumpReLU, which passes a target of 3 on its way down, has not come back to it by the end.
    const double Steepness = 4;
    const double LeastMultiplier = 1e-4, MostMultiplier = 1e4;

    readonly double rate = Math.Min(FastestRate, Reach / options.Steps), horizon = Ahead * options.Steps;
    // As SynthSAEBench, which smooths over 100 and 20 steps; a training of a few hundred cannot wait so long.
    readonly double keepLevel = Math.Min(0.99, 1 - 20.0 / Math.Max(40, options.Steps));
    readonly double keepSlope = Math.Min(0.95, 1 - 40.0 / Math.Max(80, options.Steps));

    /// <summary>λ at a step, from 1.</summary>
    public double Coefficient(long step)
    {
        var warmUp = options.WarmUp * options.Steps;
        return options.Coefficient * (step < warmUp ? step / warmUp : 1) * (1 + state.Span[0]);
    }

    /// <summary>Takes note of a step's L0.</summary>
    public void Observe(double l0)
    {
        if (options.TargetL0 is not { } target) return;
        var s = state.Span;
        var seen = ++s[3];
        var before = s[1];
        s[1] = seen == 1 ? l0 : keepLevel * s[1] + (1 - keepLevel) * l0;
        s[2] = seen == 1 ? 0 : keepSlope * s[2] + (1 - keepSlope) * (s[1] - before);
        if (seen < options.WarmUp * options.Steps) return;
        var error = s[1] + s[2] * Math.Min(horizon, AheadOfWhatIsLeft * (options.Steps - seen)) - target;
        var factor = 1 + rate * Math.Tanh(Steepness * error / target);
        s[0] = Math.Clamp((1 + s[0]) * factor, LeastMultiplier, MostMultiplier) - 1;   // as a difference from 1, so that zeros are a start
    }
}

namespace Superposition.Autoencoders;

/// <summary>
/// λ from step to step. Towards a target it is multiplied by 1 ± r·g·tanh(10·|error|/target), error = smoothed L0 − target, g small
/// while L0 is already on its way (SynthSAEBench, experiments/sweeps/common.py). There r = 3e-4 over 195,312 steps; here r keeps the
/// product of the two, so that a short training can reach as far.
/// </summary>
/// <param name="options">What is asked.</param>
/// <param name="state">[4] Multiplier, smoothed L0, its smoothed slope, steps seen.</param>
internal sealed class PenaltyController(PenalizedOptions options, Memory<double> state)
{
    /// <summary>Numbers it remembers.</summary>
    public const int StateLength = 4;

    const double Reach = 3e-4 * 195_312, FastestRate = 0.05, Sharpness = 10, Patience = 0.01;
    const double LeastMultiplier = 1e-4, MostMultiplier = 1e4;

    readonly double rate = Math.Min(FastestRate, Reach / options.Steps);
    // The published 0.99 and 0.95 smooth over 100 and 20 steps; a training of a few hundred cannot wait so long.
    readonly double keepLevel = Math.Min(0.99, 1 - 20.0 / Math.Max(40, options.Steps)), keepSlope = Math.Min(0.95, 1 - 40.0 / Math.Max(80, options.Steps));

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
        var error = s[1] - target;
        var gain = error * s[2] < 0 ? Patience : 1;
        var factor = 1 + Math.Sign(error) * rate * gain * Math.Tanh(Sharpness * Math.Abs(error) / target);
        s[0] = Math.Clamp((1 + s[0]) * factor, LeastMultiplier, MostMultiplier) - 1;   // as a difference from 1, so that zeros are a start
    }
}

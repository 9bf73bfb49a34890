namespace Superposition.Features;

/// <summary>
/// [n] How often features fire: Zipf's law q_i = (i + 1)^−s, rescaled so that the first fires most and the last least,
/// p_i = p_min + (p_max − p_min) (q_i − q_{n−1}) / (q_0 − q_{n−1}), as SAELens's synthetic worlds have it. With features below others
/// these are what is aimed at: see <see cref="FeatureHierarchy.Compensate"/>.
/// </summary>
public sealed record FiringProbabilities
{
    /// <summary>s, how fast they fall; above 0. Default 0.5, of SynthSAEBench-16k.</summary>
    public double Exponent { get; init; } = 0.5;

    /// <summary>p_max, of feature 0; in [0, 1], at least <see cref="Lowest"/>. Default 0.4.</summary>
    public double Highest { get; init; } = 0.4;

    /// <summary>p_min, of feature n − 1; in [0, 1]. Default 5e-4.</summary>
    public double Lowest { get; init; } = 5e-4;

    /// <summary>[n] p.</summary>
    internal double[] Expand(int n)
    {
        double Zipf(int i) => Math.Pow(i + 1, -Exponent);
        var last = Zipf(n - 1);
        return [.. Enumerable.Range(0, n).Select(i => i == 0 ? Highest : Lowest + (Highest - Lowest) * (Zipf(i) - last) / (1 - last))];
    }

    internal IEnumerable<string> Problems()
    {
        if (!(Exponent > 0 && double.IsFinite(Exponent))) yield return $"Firing.Exponent is {Exponent}; it must be a finite number above 0.";
        if (!(Highest is >= 0 and <= 1)) yield return $"Firing.Highest is {Highest}; it must be in [0, 1].";
        if (!(Lowest is >= 0 and <= 1)) yield return $"Firing.Lowest is {Lowest}; it must be in [0, 1].";
        if (Lowest > Highest) yield return $"Firing.Lowest is {Lowest}; it must be at most Highest, {Highest}.";
    }
}

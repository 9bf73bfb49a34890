namespace Superposition.Features;

/// <summary>
/// What a feature is worth when it fires: ReLU(μ_i + σ_i z), z standard normal. μ is linear in i from the first feature to the last,
/// and σ_i = |m + s z_i| is drawn once (a folded normal).
/// </summary>
public sealed record FeatureMagnitudes
{
    /// <summary>μ of feature 0; finite. Default 5, as the rest of SynthSAEBench-16k.</summary>
    public double First { get; init; } = 5;

    /// <summary>μ of feature n − 1; finite. Default 4.</summary>
    public double Last { get; init; } = 4;

    /// <summary>m; finite. Default 0.5.</summary>
    public double SpreadMean { get; init; } = 0.5;

    /// <summary>s; at least 0. Default 0.5.</summary>
    public double SpreadDeviation { get; init; } = 0.5;

    /// <summary>μ_i of n.</summary>
    internal double Mean(int i, int n) => n == 1 ? First : First + (Last - First) * i / (n - 1);

    internal IEnumerable<string> Problems(bool scaleByParent)
    {
        foreach (var (name, value) in new[] { (nameof(First), First), (nameof(Last), Last), (nameof(SpreadMean), SpreadMean) })
            if (!double.IsFinite(value)) yield return $"Magnitudes.{name} is {value}; it must be a finite number.";
        if (!(SpreadDeviation >= 0 && double.IsFinite(SpreadDeviation)))
            yield return $"Magnitudes.SpreadDeviation is {SpreadDeviation}; it must be a finite number, at least 0.";
        if (scaleByParent && (First <= 0 || Last <= 0))
            yield return $"Magnitudes go from {First} to {Last}; children are scaled by their parent's mean, so both must be above 0.";
    }
}

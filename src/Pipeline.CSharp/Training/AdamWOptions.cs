namespace Superposition.Training;

/// <summary>
/// AdamW (Loshchilov and Hutter 2019, algorithm 2): θ ← θ − lr·(m̂/(√v̂ + ε) + λθ); without weight decay it is Adam (Kingma and
/// Ba 2015). Defaults are PyTorch's, except weight decay: PyTorch's silent 0.01, which the paper's notebook inherits, is 0
/// here unless asked for.
/// </summary>
public sealed record AdamWOptions : OptimizerOptions
{
    /// <summary>β₁, decay of the mean of gradients; in [0, 1). Default 0.9.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>β₂, decay of the mean of squared gradients; in [0, 1). Default 0.999.</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>ε; above 0. Default 1e-8.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>λ, decoupled weight decay; at least 0. Default 0 (plain Adam).</summary>
    public double WeightDecay { get; init; }

    internal override Moments<T> Moments<T>(long length, long steps) => new AdamWMoments<T>(this, length, steps);

    internal override IEnumerable<string> Problems()
    {
        foreach (var problem in base.Problems()) yield return problem;
        if (!(Beta1 is >= 0 and < 1)) yield return $"Beta1 is {Beta1}; it must be in [0, 1).";
        if (!(Beta2 is >= 0 and < 1)) yield return $"Beta2 is {Beta2}; it must be in [0, 1).";
        if (!(Epsilon > 0 && double.IsFinite(Epsilon))) yield return $"Epsilon is {Epsilon}; it must be above 0.";
        if (!(WeightDecay >= 0 && double.IsFinite(WeightDecay))) yield return $"WeightDecay is {WeightDecay}; it must be at least 0.";
    }
}

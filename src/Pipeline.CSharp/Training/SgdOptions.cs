namespace Superposition.Training;

/// <summary>Stochastic gradient descent with momentum as PyTorch has it: v ← μv + g, θ ← θ − lr·v.</summary>
public sealed record SgdOptions : OptimizerOptions
{
    /// <summary>μ; in [0, 1). Default 0.</summary>
    public double Momentum { get; init; }

    internal override Moments<T> Moments<T>(long length, long steps) => new SgdMoments<T>(this, length, steps);

    internal override IEnumerable<string> Problems()
    {
        foreach (var problem in base.Problems()) yield return problem;
        if (!(Momentum is >= 0 and < 1)) yield return $"Momentum is {Momentum}; it must be in [0, 1).";
    }
}

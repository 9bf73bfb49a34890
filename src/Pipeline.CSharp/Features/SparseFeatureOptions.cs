namespace Superposition.Features;

/// <summary>
/// A world of sparse features: x_i = 0 with probability 1 − p_i, else a value of its own (Toy Models of Superposition, "Data").
/// Features are independent unless <see cref="Dependence"/> says otherwise; values always are.
/// </summary>
public sealed record SparseFeatureOptions
{
    /// <summary>n, the number of features; at least 1.</summary>
    public required int Features { get; init; }

    /// <summary>p, the probability that feature i is active (1 − sparsity S); in [0, 1].</summary>
    public required PerFeature Density { get; init; }

    /// <summary>What an active feature is worth; uniform on [0, 1] by default.</summary>
    public FeatureValues Values { get; init; } = new UniformValues();

    /// <summary>Which features are active together; null, the default, makes them independent.</summary>
    public Dependence? Dependence { get; init; }

    /// <summary>How many rows the view has; they are drawn when asked for, so any number costs the same. Default 1,000,000.</summary>
    public long Rows { get; init; } = 1_000_000;

    /// <summary>Row r follows from (seed, stream, r) alone.</summary>
    public required long Seed { get; init; }

    /// <summary>The exact moments of a row.</summary>
    /// <exception cref="OptionsException">A world that cannot be drawn.</exception>
    public WorldStatistics Statistics()
    {
        OptionsException.ThrowIfAny(nameof(SparseFeatureOptions), Problems());
        return WorldStatistics.Of(this);
    }

    internal IEnumerable<string> Problems()
    {
        if (Features < 1) yield return $"Features is {Features}; it must be at least 1.";
        if (Rows < 0) yield return $"Rows is {Rows}; it must not be negative.";
        string[] density = [.. Density.Problems(nameof(Density), Features, 0, 1)];
        foreach (var problem in density) yield return problem;
        foreach (var problem in Values.Problems()) yield return problem;
        if (Dependence is null || Features < 1 || density.Length > 0) yield break;   // what depends on wrong densities is not worth saying
        foreach (var problem in Dependence.Problems(Density.Expand(Features))) yield return problem;
    }
}

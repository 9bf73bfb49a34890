using Superposition.Features;

namespace Superposition.Activations;

/// <summary>
/// Activations whose features are known: x = a E + b [d], a [n] sparse, with features that fire by Zipf's law, together or in turn, and
/// below each other. The generator of SAELens's synthetic module; <see cref="SynthSaeBench16k"/> is the world of SynthSAEBench.
/// </summary>
public sealed record SyntheticActivationOptions
{
    /// <summary>n, the number of features; at least 1.</summary>
    public required int Features { get; init; }

    /// <summary>d, at least 1.</summary>
    public required int Dimensions { get; init; }

    /// <summary>How often features fire.</summary>
    public FiringProbabilities Firing { get; init; } = new();

    /// <summary>Which features lie below others; null, the default, for none.</summary>
    public FeatureHierarchy? Hierarchy { get; init; }

    /// <summary>Which features fire together; null, the default, makes them independent but for the hierarchy.</summary>
    public LowRankCorrelation? Correlation { get; init; }

    /// <summary>What a feature is worth when it fires.</summary>
    public FeatureMagnitudes Magnitudes { get; init; } = new();

    /// <summary>The features' directions, and the bias.</summary>
    public DictionaryOptions Dictionary { get; init; } = new();

    /// <summary>How many rows the view has; they are drawn when asked for, so any number costs the same. Default 1,000,000.</summary>
    public long Rows { get; init; } = 1_000_000;

    /// <summary>All of it follows from the seed, and row r from (seed, stream, r) alone.</summary>
    public required long Seed { get; init; }

    /// <summary>
    /// SynthSAEBench-16k, version 2, with its seed's number but draws of our own: n = 16,384, d = 768, 128 trees, L0 of 34.5.
    /// </summary>
    public static SyntheticActivationOptions SynthSaeBench16k { get; } =
        new() { Features = 16384, Dimensions = 768, Hierarchy = new(), Correlation = new(), Seed = 42 };

    /// <summary>The same in small, for a laptop: n = 1,024, d = 96, 8 trees, L0 of 7.3, 5.6 of it the first 256 features.</summary>
    public static SyntheticActivationOptions Small { get; } =
        SynthSaeBench16k with { Features = 1024, Dimensions = 96, Hierarchy = new() { Roots = 8 } };

    /// <summary>The same world drawn anew, for languages that cannot copy records.</summary>
    public SyntheticActivationOptions WithSeed(long seed) => this with { Seed = seed };

    internal IEnumerable<string> Problems()
    {
        if (Features < 1) yield return $"Features is {Features}; it must be at least 1.";
        if (Dimensions < 1) yield return $"Dimensions is {Dimensions}; it must be at least 1.";
        if (Rows < 0) yield return $"Rows is {Rows}; it must not be negative.";
        string[] parts =
        [
            .. Firing.Problems(), .. Hierarchy?.Problems(Features) ?? [], .. Correlation?.Problems() ?? [],
            .. Magnitudes.Problems(Hierarchy?.ScaleByParent == true), .. Dictionary.Problems(),
        ];
        foreach (var problem in parts) yield return problem;
        // What is padded to tiles must still be counted by an int.
        if ((Features + 63.0) * (Dimensions + 63.0) > int.MaxValue)
            yield return $"Features times Dimensions is {(double)Features * Dimensions:g3}; the dictionary holds at most 2e9 numbers.";
        if (Correlation is { Rank: > 0 } && (Features + 63.0) * (Correlation.Rank + 1.0) * 4 > int.MaxValue)
            yield return $"Features times Correlation.Rank is {(double)Features * Correlation.Rank:g3}; at most 5e8 is possible.";
    }
}

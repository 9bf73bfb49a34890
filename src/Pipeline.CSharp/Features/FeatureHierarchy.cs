namespace Superposition.Features;

/// <summary>
/// Trees of features of equal shape: a child fires only while its parent is active. Features are numbered breadth first, all roots,
/// then all their children, and so on; those beyond the trees are free. Autoencoders absorb and split such features
/// (Chanin et al. 2024, "A is for Absorption"). The rules are those of SAELens's synthetic worlds.
/// </summary>
public sealed record FeatureHierarchy
{
    /// <summary>How many trees; at least 1. Default 128, as the rest of SynthSAEBench-16k.</summary>
    public int Roots { get; init; } = 128;

    /// <summary>Children of a feature; at least 1. Default 4.</summary>
    public int Branching { get; init; } = 4;

    /// <summary>Levels below the roots; at least 1. Default 3.</summary>
    public int Depth { get; init; } = 3;

    /// <summary>Whether of several children that fire one is kept, each as likely. Default true.</summary>
    public bool MutuallyExclusive { get; init; } = true;

    /// <summary>Whether a child's value is multiplied by its parent's over the mean μ of the parent. Default true.</summary>
    public bool ScaleByParent { get; init; } = true;

    /// <summary>
    /// Whether children fire more often, given their parent, to make good for its absence and, roughly, for exclusion:
    /// p_child / p_parent · (1 + Σ_siblings p / p_parent), at most 1. Default true; else a child fires with p_child given its parent.
    /// </summary>
    public bool Compensate { get; init; } = true;

    /// <summary>[depth + 2] The first feature of each level, and the first that is free.</summary>
    internal int[] LevelStarts()
    {
        var starts = new int[Depth + 2];
        for (var (level, size) = (0, Roots); level <= Depth; level++, size *= Branching) starts[level + 1] = starts[level] + size;
        return starts;
    }

    internal IEnumerable<string> Problems(int n)
    {
        if (Roots < 1) yield return $"Hierarchy.Roots is {Roots}; it must be at least 1.";
        if (Branching < 1) yield return $"Hierarchy.Branching is {Branching}; it must be at least 1.";
        if (Depth < 1) yield return $"Hierarchy.Depth is {Depth}; it must be at least 1.";
        if (n < 1 || Roots < 1 || Branching < 1 || Depth < 1) yield break;
        var (total, size) = (0.0, (double)Roots);
        for (var level = 0; level <= Depth && total <= n; level++, size *= Branching) total += size;
        if (total > n)
            yield return $"Hierarchy of {Roots} trees with {Branching} children a feature and {Depth} levels below the roots needs more features "
                + $"than the {n} there are; make it smaller.";
    }
}

namespace Superposition.Features;

/// <summary>Consecutive sets of features by their sizes; each feature after the last set is a set of its own.</summary>
internal static class FeatureSets
{
    /// <summary>The sets that make up all n features, first feature and the one after the last.</summary>
    public static (int Start, int End)[] Partition(int[] sizes, int n)
    {
        var start = 0;
        (int, int)[] sets = [.. sizes.Select(size => (start, start += size))];
        return [.. sets, .. Enumerable.Range(start, n - start).Select(i => (i, i + 1))];
    }

    /// <summary>[n] The set of each feature.</summary>
    public static int[] Membership((int Start, int End)[] sets) =>
        [.. sets.SelectMany((set, s) => Enumerable.Repeat(s, set.End - set.Start))];

    /// <summary>One sentence for each thing wrong with the sizes.</summary>
    public static IEnumerable<string> Problems(string name, int[] sizes, int n)
    {
        for (var s = 0; s < sizes.Length; s++)
            if (sizes[s] < 1) yield return $"Set {s} of {name} has {sizes[s]} features; it must have at least 1.";
        var total = sizes.Sum(size => (long)size);
        if (total > n) yield return $"{name} hold {total} features; the world has {n}.";
    }

    /// <summary>Equal sizes in the same order.</summary>
    public static bool Equal(int[] sizes, int[]? other) => other is not null && sizes.AsSpan().SequenceEqual(other);

    /// <summary>Equal for equal sizes.</summary>
    public static int Hash(int[] sizes) => sizes.Aggregate(sizes.Length, HashCode.Combine);
}

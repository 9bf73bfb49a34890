using Superposition.Randomness;

namespace Superposition.Features;

/// <summary>
/// Feature i is active only while its parent is: P(i | parent) = p_i / p_parent, and siblings are independent given their parent.
/// Autoencoders absorb such features (Chanin et al. 2024, "A is for Absorption").
/// </summary>
/// <param name="Parents">[n] The parent of each feature, in any order; −1 for a root.</param>
public sealed record NestedFeatures(params int[] Parents) : Dependence
{
    internal override IEnumerable<string> Problems(double[] p)
    {
        if (Parents.Length != p.Length)
        {
            yield return $"{nameof(NestedFeatures)} lists {Parents.Length} parents; there are {p.Length} features.";
            yield break;
        }
        var inRange = true;
        for (var i = 0; i < p.Length; i++)
        {
            var parent = Parents[i];
            if (parent < -1 || parent >= p.Length)
            {
                inRange = false;
                yield return $"The parent of feature {i} is {parent}; it must be a feature, 0 to {p.Length - 1}, or -1 for none.";
            }
            else if (parent >= 0 && p[i] > p[parent])
                yield return $"Feature {i} has density {p[i]} and its parent {parent} has {p[parent]}; "
                    + "it is active only while its parent is, so it must not be denser.";
        }
        if (!inRange) yield break;
        foreach (var cycle in Cycles())
            yield return $"Features are their own ancestors: {string.Join(" → ", cycle)}; some feature of each line must have parent -1.";
    }

    internal override double[,] CoOccurrence(double[] p)
    {
        var both = new double[p.Length, p.Length];
        var order = ParentsFirst();
        for (var a = 0; a < order.Length; a++)
        {
            var (i, parent) = (order[a], Parents[order[a]]);
            both[i, i] = p[i];
            // Given its parent, i is independent of all that is not below it.
            foreach (var j in order.AsSpan(0, a))
                both[i, j] = both[j, i] = parent < 0 ? p[i] * p[j] : Given(p, i) * both[parent, j];
        }
        return both;
    }

    internal override FeatureMasks Masks(double[] p) =>
        new NestedMasks(ParentsFirst(), Parents, [.. Enumerable.Range(0, p.Length).Select(i => Given(p, i))]);

    /// <inheritdoc/>
    public bool Equals(NestedFeatures? other) => other is not null && Parents.AsSpan().SequenceEqual(other.Parents);

    /// <inheritdoc/>
    public override int GetHashCode() => Parents.Aggregate(Parents.Length, HashCode.Combine);

    // P(i | parent).
    double Given(double[] p, int i) => Parents[i] < 0 ? p[i] : p[i] == 0 ? 0 : p[i] / p[Parents[i]];

    int[] ParentsFirst()
    {
        var depths = new int[Parents.Length];   // of a root 1; 0 is not yet known
        var path = new Stack<int>();
        for (var i = 0; i < depths.Length; i++)
        {
            for (var a = i; a >= 0 && depths[a] == 0; a = Parents[a]) path.Push(a);
            while (path.TryPop(out var a)) depths[a] = Parents[a] < 0 ? 1 : depths[Parents[a]] + 1;
        }
        return [.. Enumerable.Range(0, depths.Length).OrderBy(i => depths[i])];
    }

    IEnumerable<int[]> Cycles()
    {
        var seenFrom = Enumerable.Repeat(-1, Parents.Length).ToArray();   // the feature whose line of ancestors first came by
        for (var i = 0; i < Parents.Length; i++)
        {
            var a = i;
            for (; a >= 0 && seenFrom[a] < 0; a = Parents[a]) seenFrom[a] = i;
            if (a < 0 || seenFrom[a] != i) continue;
            List<int> cycle = [a];
            do cycle.Add(a = Parents[a]); while (a != cycle[0]);
            yield return [.. cycle];
        }
    }

    sealed class NestedMasks(int[] parentsFirst, int[] parents, double[] given) : FeatureMasks
    {
        readonly ulong[] below = [.. given.Select(Threshold)];

        public override void Draw(ulong rowKey, Span<int> on, Span<float> scratch)
        {
            foreach (var i in parentsFirst)
                on[i] = (parents[i] < 0 || on[parents[i]] != 0) && Uniform(CounterRandom.At(rowKey, i)) < below[i] ? 1 : 0;
        }
    }
}

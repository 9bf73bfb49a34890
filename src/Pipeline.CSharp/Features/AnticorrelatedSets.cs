using Superposition.Randomness;

namespace Superposition.Features;

/// <summary>
/// At most one feature of a set is active; feature i is it with probability p_i (Toy Models of Superposition, "Correlated and
/// anticorrelated features", where a set of k is all zero with probability S and p_i = (1 − S)/k).
/// The first Sizes[0] features are set 0, and so on; features after the sets are independent.
/// </summary>
/// <param name="Sizes">Features of each set; the densities within a set must sum to at most 1.</param>
public sealed record AnticorrelatedSets(params int[] Sizes) : Dependence
{
    const double Rounding = 1e-9;   // ten times 0.1 is a little more than 1

    internal override IEnumerable<string> Problems(double[] p)
    {
        string[] sizes = [.. FeatureSets.Problems(nameof(AnticorrelatedSets), Sizes, p.Length)];
        foreach (var problem in sizes) yield return problem;
        if (sizes.Length > 0) yield break;
        foreach (var (start, end) in FeatureSets.Partition(Sizes, p.Length))
            if (p[start..end].Sum() is var sum && sum > 1 + Rounding)
                yield return $"The densities of features {start} to {end - 1} sum to {sum}; "
                    + "at most one of this anticorrelated set is active, so the sum must be at most 1.";
    }

    internal override double[,] CoOccurrence(double[] p)
    {
        var set = FeatureSets.Membership(FeatureSets.Partition(Sizes, p.Length));
        return Symmetric.Of(p.Length, (i, j) => i == j ? p[i] : set[i] == set[j] ? 0 : p[i] * p[j]);
    }

    internal override FeatureMasks Masks(double[] p) => new SetMasks(FeatureSets.Partition(Sizes, p.Length), p);

    /// <inheritdoc/>
    public bool Equals(AnticorrelatedSets? other) => FeatureSets.Equal(Sizes, other?.Sizes);

    /// <inheritdoc/>
    public override int GetHashCode() => FeatureSets.Hash(Sizes);

    // One draw a set, [0, 1) shared out among its features: feature i is active from what is below[i − 1] up to below[i].
    sealed class SetMasks((int Start, int End)[] sets, double[] p) : FeatureMasks
    {
        readonly ulong[] below = [.. sets.SelectMany(set => Sums(p[set.Start..set.End]).Select(Threshold))];

        public override void Draw(ulong rowKey, Span<int> on, Span<float> scratch)
        {
            foreach (var (start, end) in sets)
            {
                var at = Uniform(CounterRandom.At(rowKey, start));
                var from = 0UL;
                for (var i = start; i < end; from = below[i++]) on[i] = at >= from && at < below[i] ? 1 : 0;
            }
        }

        static IEnumerable<double> Sums(double[] p)
        {
            var sum = 0.0;
            return p.Select(p => sum += p);
        }
    }
}

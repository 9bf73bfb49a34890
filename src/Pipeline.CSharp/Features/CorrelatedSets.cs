using Superposition.Randomness;

namespace Superposition.Features;

/// <summary>
/// All features of a set are active together or not at all (Toy Models of Superposition, "Correlated and anticorrelated features").
/// The first Sizes[0] features are set 0, and so on; features after the sets are independent.
/// </summary>
/// <param name="Sizes">Features of each set; the densities within a set must be equal.</param>
public sealed record CorrelatedSets(params int[] Sizes) : Dependence
{
    internal override IEnumerable<string> Problems(double[] p)
    {
        string[] sizes = [.. FeatureSets.Problems(nameof(CorrelatedSets), Sizes, p.Length)];
        foreach (var problem in sizes) yield return problem;
        if (sizes.Length > 0) yield break;
        foreach (var (start, end) in FeatureSets.Partition(Sizes, p.Length))
            for (var i = start + 1; i < end; i++)
                if (p[i] != p[start])
                {
                    yield return $"Features {start} and {i} are in one correlated set and have densities {p[start]} and {p[i]}; "
                        + "they are active together, so the densities must be equal.";
                    break;   // one example a set says it
                }
    }

    internal override double[,] CoOccurrence(double[] p)
    {
        var set = FeatureSets.Membership(FeatureSets.Partition(Sizes, p.Length));
        return Symmetric.Of(p.Length, (i, j) => set[i] == set[j] ? p[i] : p[i] * p[j]);
    }

    internal override FeatureMasks Masks(double[] p) => new SetMasks(FeatureSets.Partition(Sizes, p.Length), p);

    /// <inheritdoc/>
    public bool Equals(CorrelatedSets? other) => FeatureSets.Equal(Sizes, other?.Sizes);

    /// <inheritdoc/>
    public override int GetHashCode() => FeatureSets.Hash(Sizes);

    // The draw of a set's first feature decides for all of it.
    sealed class SetMasks((int Start, int End)[] sets, double[] p) : FeatureMasks
    {
        readonly ulong[] below = [.. sets.Select(set => Threshold(p[set.Start]))];

        public override void Draw(ulong rowKey, Span<int> on, Span<float> scratch)
        {
            for (var s = 0; s < sets.Length; s++)
            {
                var (start, end) = sets[s];
                on[start..end].Fill(Uniform(CounterRandom.At(rowKey, start)) < below[s] ? 1 : 0);
            }
        }
    }
}

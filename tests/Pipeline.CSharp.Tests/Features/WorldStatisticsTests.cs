using CsCheck;
using Superposition.Features;
using Xunit;

namespace Superposition.Tests.Features;

public sealed class WorldStatisticsTests
{
    [Fact]
    public void Independent_features_have_products_and_the_values_moments()
    {
        var statistics = World(null, [0.5, 0.2]).Statistics();
        Assert.Equal([0.25, 0.1], statistics.Mean);
        AssertEqual(new[,] { { 0.5, 0.1 }, { 0.1, 0.2 } }, statistics.CoOccurrence);
        AssertEqual(new[,] { { 0.5 / 3, 0.025 }, { 0.025, 0.2 / 3 } }, statistics.SecondMoment);
    }

    [Fact]
    public void Correlated_features_are_active_together_as_often_as_alone() =>
        AssertEqual(new[,] { { 0.2, 0.2, 0.1 }, { 0.2, 0.2, 0.1 }, { 0.1, 0.1, 0.5 } },
            World(new CorrelatedSets(2), [0.2, 0.2, 0.5]).Statistics().CoOccurrence);

    [Fact]
    public void Anticorrelated_features_are_never_active_together() =>
        AssertEqual(new[,] { { 0.2, 0, 0.1 }, { 0, 0.4, 0.2 }, { 0.1, 0.2, 0.5 } },
            World(new AnticorrelatedSets(2), [0.2, 0.4, 0.5]).Statistics().CoOccurrence);

    [Fact]
    public void Nested_features_have_the_sums_over_all_sets_of_active_features() =>
        Gen.Select(Gen.Int[1, 7], Gen.Int[0, int.MaxValue]).Sample((n, seed) =>
        {
            var (parents, p) = Forest(n, new Random(seed));
            var expected = new double[n, n];
            for (var mask = 0; mask < 1 << n; mask++)
            {
                var probability = 1.0;
                for (var i = 0; i < n; i++)
                {
                    var given = parents[i] < 0 ? p[i] : (mask >> parents[i] & 1) == 0 ? 0 : p[i] / p[parents[i]];
                    probability *= (mask >> i & 1) == 1 ? given : 1 - given;
                }
                for (var i = 0; i < n; i++)
                    for (var j = 0; j < n; j++)
                        if ((mask >> i & 1) == 1 && (mask >> j & 1) == 1) expected[i, j] += probability;
            }
            AssertEqual(expected, World(new NestedFeatures(parents), p).Statistics().CoOccurrence);
        });

    [Fact]
    public void A_copula_of_uncorrelated_normals_is_an_independent_world()
    {
        double[] p = [0.3, 0.01, 0, 1];
        double[][] identity = [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]];
        AssertEqual(World(null, p).Statistics().CoOccurrence, World(new GaussianCopula(identity), p).Statistics().CoOccurrence);
    }

    [Fact]
    public void A_copula_of_equal_normals_nests_the_sparser_feature_in_the_denser() =>
        AssertEqual(World(new NestedFeatures(-1, 0), [0.3, 0.1]).Statistics().CoOccurrence,
            World(new GaussianCopula([[1, 1], [1, 1]]), [0.3, 0.1]).Statistics().CoOccurrence);

    [Fact]
    public void A_copulas_medians_follow_the_arcsine_law() =>
        AssertEqual(new[,] { { 0.5, 1.0 / 3 }, { 1.0 / 3, 0.5 } },
            World(new GaussianCopula([[1, 0.5], [0.5, 1]]), [0.5, 0.5]).Statistics().CoOccurrence);

    static (int[] Parents, double[] P) Forest(int n, Random random)
    {
        var names = Enumerable.Range(0, n).ToArray();
        random.Shuffle(names);   // parents stand before or after their children
        var (parents, p) = (new int[n], new double[n]);
        for (var a = 0; a < n; a++)
        {
            var parent = random.Next(-1, a);
            parents[names[a]] = parent < 0 ? -1 : names[parent];
            p[names[a]] = random.NextDouble() * (parent < 0 ? 1 : p[names[parent]]);
        }
        return (parents, p);
    }

    static SparseFeatureOptions World(Dependence? dependence, double[] p) =>
        new() { Features = p.Length, Density = PerFeature.Of(p), Dependence = dependence, Seed = 1 };

    static void AssertEqual(double[,] expected, double[,] found)
    {
        for (var i = 0; i < expected.GetLength(0); i++)
            for (var j = 0; j < expected.GetLength(1); j++) Assert.Equal(expected[i, j], found[i, j], 1e-13);
    }
}

using CsCheck;
using Superposition.Features;
using Xunit;

namespace Superposition.Tests.Features;

public sealed class DependentRowsTests
{
    static readonly GaussianCopula Copula = new(CorrelationFactorTests.Gram(   // rank 3 of 6
        [[1, 0, 0], [1, 0.3, 0], [-1, 0.2, 0.1], [0, 1, 1], [0.2, 1, -1], [0, 0, 1]]));

    static readonly (Dependence? Dependence, double[] P)[] Kinds =
    [
        (null, [0.5, 0.03, 1, 0.2, 0, 0.1]),
        (new CorrelatedSets(2, 3), [0.3, 0.3, 0.05, 0.05, 0.05, 0.4]),
        (new AnticorrelatedSets(2, 3), [0.3, 0.1, 0.5, 0.05, 0.45, 0.4]),
        (new NestedFeatures(3, 0, -1, -1, 3, 0), [0.3, 0.1, 0.2, 0.5, 0.5, 0.2]),
        (Copula, [0.3, 0.3, 0.1, 0.5, 0.05, 0.9]),
    ];

    static readonly FeatureValues[] ValueKinds =
        [new UniformValues(), new UniformValues(-1, 1), new BinaryValues(2), new DiscreteValues(-1, 0.5f, 3), new ExponentialValues(0.7)];

    public static TheoryData<int, int> Worlds => [.. from kind in Enumerable.Range(0, Kinds.Length)
        from values in Enumerable.Range(0, ValueKinds.Length) select (kind, values)];

    [Theory]
    [MemberData(nameof(Worlds))]
    public void What_is_drawn_has_the_worlds_exact_statistics(int kind, int values)
    {
        const int Rows = 60_000;
        var world = World(kind) with { Values = ValueKinds[values], Rows = Rows };
        var (n, exact) = (world.Features, world.Statistics());
        var (mean, second, both) = (new Sample[n], new Sample[n, n], new Sample[n, n]);
        foreach (var row in Drawn(world))
            for (var i = 0; i < n; i++)
            {
                mean[i].Add(row[i]);
                for (var j = 0; j <= i; j++)
                {
                    second[i, j].Add(row[i] * (double)row[j]);
                    both[i, j].Add(row[i] != 0 && row[j] != 0 ? 1 : 0);
                }
            }
        for (var i = 0; i < n; i++)
        {
            mean[i].AssertMean(exact.Mean[i], $"E[x_{i}]");
            for (var j = 0; j <= i; j++)
            {
                second[i, j].AssertMean(exact.SecondMoment[i, j], $"E[x_{i} x_{j}]");
                both[i, j].AssertMean(exact.CoOccurrence[i, j], $"P({i} and {j})");
            }
        }
    }

    [Fact]
    public void A_correlated_set_is_active_as_a_whole_or_not_at_all()
    {
        foreach (var on in Masks(1, 5000))
        {
            Assert.Equal(on[0], on[1]);
            Assert.Equal(on[2], on[3]);
            Assert.Equal(on[2], on[4]);
        }
    }

    [Fact]
    public void At_most_one_feature_of_an_anticorrelated_set_is_active_and_one_always_where_the_densities_sum_to_1()
    {
        foreach (var on in Masks(2, 5000))
        {
            Assert.False(on[0] && on[1]);
            Assert.Single(on[2..5], true);
        }
    }

    [Fact]
    public void A_child_is_active_only_while_its_parent_is_and_always_where_it_is_as_dense()
    {
        foreach (var on in Masks(3, 5000))
        {
            Assert.True(on[3] || !on[0]);
            Assert.True(on[0] || !on[1]);
            Assert.True(on[0] || !on[5]);
            Assert.Equal(on[3], on[4]);
        }
    }

    [Fact]
    public void Equal_normals_are_active_together_and_opposite_ones_in_turn()
    {
        var world = new SparseFeatureOptions
        {
            Features = 4,
            Density = PerFeature.Of(0.5, 0.5, 0.5, 0.25),
            Dependence = new GaussianCopula([[1, 1, -1, 1], [1, 1, -1, 1], [-1, -1, 1, -1], [1, 1, -1, 1]]),
            Rows = 5000,
            Seed = 6,
        };
        foreach (var row in Drawn(world))
        {
            Assert.Equal(row[0] != 0, row[1] != 0);
            Assert.NotEqual(row[0] != 0, row[2] != 0);
            Assert.True(row[0] != 0 || row[3] == 0);
        }
    }

    [Fact]
    public void What_is_certain_is_always_active_and_what_is_impossible_never()
    {
        Dependence[] dependences =
        [
            new CorrelatedSets(1, 1), new AnticorrelatedSets(2), new NestedFeatures(-1, 0), new GaussianCopula([[1, 0.9], [0.9, 1]]),
        ];
        foreach (var dependence in dependences)
            foreach (var row in Drawn(new() { Features = 2, Density = PerFeature.Of(1, 0), Dependence = dependence, Rows = 1000, Seed = 7 }))
            {
                Assert.NotEqual(0, row[0]);
                Assert.Equal(0, row[1]);
            }
    }

    [Fact]
    public void Active_features_come_in_ascending_order_each_once_with_values_of_their_kind() =>
        Gen.Select(Gen.Int[1, Kinds.Length - 1], Gen.Long, Gen.Long, Gen.Long[0, long.MaxValue]).Sample((kind, seed, stream, row) =>
        {
            var (indices, values) = Draw(new(World(kind) with { Seed = seed }, stream), row);
            for (var c = 0; c < indices.Length; c++)
            {
                Assert.InRange(indices[c], c == 0 ? 0 : indices[c - 1] + 1, 5);
                Assert.InRange(values[c], float.Epsilon, 1);
            }
        });

    [Fact]
    public void A_row_does_not_depend_on_what_was_drawn_before_it_or_beside_it()
    {
        for (var kind = 1; kind < Kinds.Length; kind++)
        {
            var shared = new DependentRows(World(kind), 2);
            var expected = Enumerable.Range(0, 2000).Select(row => Text(Draw(new(World(kind), 2), row))).ToArray();
            var found = new string[expected.Length];
            Parallel.For(0, expected.Length, r => found[expected.Length - 1 - r] = Text(Draw(shared, expected.Length - 1 - r)));
            Assert.Equal(expected, found);
        }

        static string Text((int[] Indices, float[] Values) row) => $"{string.Join(' ', row.Indices)}: {string.Join(' ', row.Values)}";
    }

    [Fact]
    public void Other_streams_and_other_seeds_are_other_worlds()
    {
        for (var kind = 1; kind < Kinds.Length; kind++)
        {
            var world = World(kind) with { Density = kind == 2 ? PerFeature.Of(0.5, 0.5, 0.3, 0.4, 0.3, 1) : 1 };   // always something active
            var variants = new[] { -1L, 0, 1, 2, 3, 1_000_000 }.Select(stream => new DependentRows(world, stream))
                .Concat(new[] { 0L, 2, -1, long.MaxValue, long.MinValue }.Select(seed => new DependentRows(world with { Seed = seed }, 0)));
            var rows = variants.SelectMany(v => Enumerable.Range(0, 50).Select(r => string.Join(' ', Draw(v, r).Values))).ToArray();
            Assert.Equal(rows.Length, rows.Distinct().Count());
        }
    }

    [Fact]
    public void Drawing_allocates_nothing()
    {
        for (var kind = 1; kind < Kinds.Length; kind++)
        {
            var rows = new DependentRows(World(kind), 0);
            var (indices, values) = (new int[6], new float[6]);
            rows.Draw(0, indices, values);
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var r = 0; r < 1000; r++) rows.Draw(r, indices, values);
            Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        }
    }

    static SparseFeatureOptions World(int kind) => new()
    {
        Features = Kinds[kind].P.Length,
        Density = PerFeature.Of(Kinds[kind].P),
        Dependence = Kinds[kind].Dependence,
        Seed = 1,
    };

    static IEnumerable<bool[]> Masks(int kind, int rows) =>
        Drawn(World(kind) with { Rows = rows }).Select(row => row.Select(x => x != 0).ToArray());

    // Dense rows of stream 0.
    static IEnumerable<float[]> Drawn(SparseFeatureOptions world)
    {
        if (world.Dependence is null) return new SparseFeatureView(world).Vectors("Features");
        var stream = new DependentRows(world, 0);
        return Enumerable.Range(0, (int)world.Rows).Select(r =>
        {
            var row = new float[world.Features];
            var (indices, values) = Draw(stream, r);
            for (var c = 0; c < indices.Length; c++) row[indices[c]] = values[c];
            return row;
        });
    }

    static (int[] Indices, float[] Values) Draw(DependentRows stream, long row)
    {
        var (indices, values) = (new int[stream.Width], new float[stream.Width]);
        var count = stream.Draw(row, indices, values);
        return (indices[..count], values[..count]);
    }

    struct Sample
    {
        double count, sum, squares;

        public void Add(double x) => (count, sum, squares) = (count + 1, sum + x, squares + x * x);

        // Within 4.5 standard errors, the error estimated from the sample; what never varies must be exact.
        public readonly void AssertMean(double expected, string what)
        {
            var mean = sum / count;
            var error = Math.Sqrt(Math.Max(0, squares / count - mean * mean) / count);
            Assert.True(Math.Abs(mean - expected) <= 4.5 * error + 1e-12, $"{what}: expected {expected}, found {mean} ± {error}");
        }
    }
}

using Superposition.Features;
using Xunit;

namespace Superposition.Tests.Features;

public sealed class HierarchicalRowsTests
{
    static readonly FiringProbabilities Dense = new() { Exponent = 0.3, Highest = 0.6, Lowest = 0.1 };
    static readonly FeatureMagnitudes Wide = new() { First = 2, Last = 1, SpreadMean = 0.8, SpreadDeviation = 0.3 };   // often 0

    static HierarchicalFeatures World(FeatureHierarchy? hierarchy, LowRankCorrelation? correlation = null, int n = 150) =>
        new(n, 3, Dense, hierarchy, correlation, Wide);

    static readonly FeatureHierarchy Trees = new() { Roots = 3, Branching = 6, Depth = 2 };   // 3 + 18 + 108 features, of 150

    public static TheoryData<string> Kinds => ["free", "trees", "inclusive", "uncompensated"];

    static HierarchicalFeatures World(string kind) => World(kind switch
    {
        "free" => null,
        "trees" => Trees,
        "inclusive" => Trees with { MutuallyExclusive = false },
        _ => Trees with { Compensate = false },
    });

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Features_are_active_as_often_as_the_closed_form_says(string kind)
    {
        const int Rows = 100_000;
        var world = World(kind);
        var active = Counts(world, Rows);
        var exact = world.Marginals();
        for (var i = 0; i < world.Width; i++) AssertShare(exact[i], active[i], Rows, $"P({i})");
    }

    [Fact]
    public void Correlation_leaves_every_free_feature_its_probability()
    {
        const int Rows = 100_000;
        var world = World(null, new() { Rank = 7, Scale = 0.25 });
        var active = Counts(world, Rows);
        for (var i = 0; i < world.Width; i++) AssertShare(world.Marginals()[i], active[i], Rows, $"P({i})");
    }

    [Fact]
    public void Pairs_of_features_fire_together_as_the_Gaussian_copula_says()
    {
        const int Rows = 100_000, N = 12;
        var world = new HierarchicalFeatures(N, 5, Dense, null, new() { Rank = 2, Scale = 0.6 }, new() { SpreadMean = 0, SpreadDeviation = 0 });
        var (p, both) = (world.Probabilities, new int[N, N]);
        foreach (var row in Drawn(world, Rows))
            foreach (var (i, _) in row)
                foreach (var (j, _) in row) both[i, j]++;
        var strongest = 0.0;
        for (var i = 0; i < N; i++)
            for (var j = 0; j < i; j++)
            {
                var rho = world.Loadings[i, 0] * world.Loadings[j, 0] + world.Loadings[i, 1] * world.Loadings[j, 1];
                AssertShare(BivariateNormal.Below(p[i], p[j], rho), both[i, j], Rows, $"P({i} and {j}), ρ = {rho:F3}");
                strongest = Math.Max(strongest, Math.Abs(rho));
            }
        Assert.True(strongest > 0.3);
    }

    [Fact]
    public void No_two_siblings_are_active_together_and_no_child_without_its_parent()
    {
        var world = World(Trees, new() { Rank = 4, Scale = 0.2 });
        var families = 0;
        foreach (var row in Drawn(world, 5000))
        {
            var active = row.Select(a => a.Index).ToHashSet();
            var parents = active.Where(i => i >= 3 && i < 129).Select(Parent).ToArray();
            Assert.All(parents, parent => Assert.Contains(parent, active));
            Assert.Equal(parents.Length, parents.Distinct().Count());
            families += parents.Length;
        }
        Assert.True(families > 5000);
    }

    [Fact]
    public void Without_exclusion_siblings_are_active_together() => Assert.Contains(
        Drawn(World(Trees with { MutuallyExclusive = false }), 100),
        row => row.Where(a => a.Index is >= 3 and < 129).GroupBy(a => Parent(a.Index)).Any(family => family.Count() > 1));

    [Fact]
    public void A_childs_value_is_its_own_times_its_parents_over_the_parents_mean()
    {
        var (scaled, plain) = (World(Trees), World(Trees with { ScaleByParent = false }));
        foreach (var (with, without) in Drawn(scaled, 2000).Zip(Drawn(plain, 2000)))
        {
            var values = with.ToDictionary(a => a.Index, a => a.Value);
            Assert.Equal(without.Select(a => a.Index), values.Keys);   // the same fire
            foreach (var (i, own) in without)
                Assert.Equal(i is >= 3 and < 129 ? own * (values[Parent(i)] / scaled.Means[Parent(i)]) : own, values[i]);
        }
    }

    [Fact]
    public void Values_are_rectified_normals_of_their_feature()
    {
        const int Rows = 200_000;
        var world = new HierarchicalFeatures(3, 8, new() { Highest = 1, Lowest = 1 }, null, null, new() { First = 1, Last = 4, SpreadMean = 0.7, SpreadDeviation = 0.4 });
        var (sum, square) = (new double[3], new double[3]);
        foreach (var row in Drawn(world, Rows))
            foreach (var (i, value) in row)
            {
                Assert.True(value > 0);
                (sum[i], square[i]) = (sum[i] + value, square[i] + (double)value * value);
            }
        for (var i = 0; i < 3; i++)
        {
            var (mean, spread) = ((double)world.Means[i], (double)world.Spreads[i]);
            var (above, density) = (StandardNormal.Cumulative(mean / spread), Math.Exp(-mean * mean / spread / spread / 2) / Math.Sqrt(2 * Math.PI));
            var (first, second) = (mean * above + spread * density, (mean * mean + spread * spread) * above + mean * spread * density);
            Assert.Equal(first, sum[i] / Rows, 5 * Math.Sqrt((second - first * first) / Rows));
            Assert.Equal(second, square[i] / Rows, 0.01 * second);
        }
        Assert.Equal([1f, 2.5f, 4], world.Means);
    }

    [Fact]
    public void Spreads_are_folded_normals_and_the_means_go_from_the_first_to_the_last()
    {
        var world = HierarchicalFeaturesTests.Bench(null);
        Assert.Equal((5f, 4f), (world.Means[0], world.Means[^1]));
        // |z/2 + 1/2|: second moment 1/2; mean of a folded normal, 2 φ(1) / 2 + (1 − 2 Φ(−1)) / 2.
        Assert.Equal(0.5, world.Spreads.Average(s => (double)s * s), 0.03);
        Assert.Equal(0.24197072451914337 + 0.5 - 0.15865525393145707, world.Spreads.Average(), 0.015);
    }

    [Fact]
    public void A_row_is_the_same_alone_in_blocks_and_on_any_thread()
    {
        var world = World(Trees, new() { Rank = 5, Scale = 0.2 });
        var expected = Drawn(world, 300).Select(Text).ToArray();
        var rows = new HierarchicalRows(world, 0);
        foreach (var block in new[] { 2, 3, 4, 5, 7, 64 })
            for (var from = 0; from + block <= 300; from += block)
            {
                var (starts, indices, values) = (new int[block + 1], new int[block * 150], new float[block * 150]);
                Assert.Equal(block, rows.Draw(from, starts, indices, values));
                for (var r = 0; r < block; r++)
                    Assert.Equal(expected[from + r], Text([.. indices[starts[r]..starts[r + 1]].Zip(values[starts[r]..starts[r + 1]])]));
            }
        var found = new string[300];
        Parallel.For(0, 300, r => found[299 - r] = Text(Row(rows, 299 - r)));
        Assert.Equal(expected, found);
    }

    [Fact]
    public void As_many_rows_are_drawn_as_there_is_room_for()
    {
        var world = World(Trees);
        var expected = Drawn(world, 200).ToArray();
        var (starts, rows) = (new int[201], new HierarchicalRows(world, 0));
        for (var capacity = 150; capacity < 1000; capacity += 50)
        {
            var drawn = rows.Draw(0, starts, new int[capacity], new float[capacity]);
            Assert.Equal(expected[..drawn].Sum(row => row.Length), starts[drawn]);
            Assert.True(starts[drawn] > capacity - 150 && starts[drawn - 1] <= capacity - 150);
        }
        Assert.Equal(0, rows.Draw(0, starts, new int[149], new float[149]));
        Assert.Equal(0, rows.Draw(0, new int[1], new int[150], new float[150]));
        Assert.Throws<ArgumentException>(() => rows.Draw(0, new int[149], new float[149]));
    }

    [Fact]
    public void Active_features_ascend_and_other_streams_and_seeds_are_other_rows()
    {
        var world = World(Trees);
        Assert.All(Drawn(world, 500), row => Assert.Equal(row.Select(a => a.Index).Order().Distinct(), row.Select(a => a.Index)));
        var other = new HierarchicalFeatures(150, 4, Dense, Trees, null, Wide);
        var texts = new[] { new HierarchicalRows(world, 0), new(world, 1), new(world, -1), new(other, 0) }
            .SelectMany(rows => Enumerable.Range(0, 50).Select(r => Text(Row(rows, r)))).Where(text => text != "").ToArray();
        Assert.Equal(texts.Length, texts.Distinct().Count());
    }

    [Fact]
    public void Drawing_allocates_nothing()
    {
        var rows = new HierarchicalRows(World(Trees, new()), 0);
        var (indices, values) = (new int[150], new float[150]);
        rows.Draw(0, indices, values);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var r = 0; r < 1000; r++) rows.Draw(r, indices, values);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void What_is_certain_always_fires_and_what_is_impossible_never_whatever_the_correlation()
    {
        var world = new HierarchicalFeatures(2, 1, new() { Highest = 1, Lowest = 0 }, null, new() { Rank = 2, Scale = 9 }, new());
        Assert.All(Drawn(world, 2000), row => Assert.Equal([0], row.Select(a => a.Index)));
    }

    [Fact, Trait("Category", "Science")]   // a million rows with the copula on: some seconds
    public void A_million_rows_of_SynthSAEBench_have_its_L0_within_a_hundredth()
    {
        const int Rows = 1_000_000, Block = 50;
        var world = HierarchicalFeaturesTests.Bench(new(), new());
        var rows = new HierarchicalRows(world, 0);
        var (all, early) = (0L, 0L);
        Parallel.For(0, Rows / Block, () => (new int[Block + 1], new int[2 * world.Width], new float[2 * world.Width]), (block, _, room) =>
        {
            Assert.Equal(Block, rows.Draw(block * Block, room.Item1, room.Item2, room.Item3));
            Interlocked.Add(ref all, room.Item1[Block]);
            Interlocked.Add(ref early, room.Item2.AsSpan(0, room.Item1[Block]).ToArray().Count(i => i < 4096));
            return room;
        }, _ => { });
        TestContext.Current.TestOutputHelper?.WriteLine($"L0 {all / (double)Rows:F4}, first 4,096 {early / (double)Rows:F4}");
        Assert.Equal(34.50, all / (double)Rows, 0.345);
        Assert.Equal(25.17, early / (double)Rows, 0.252);
    }

    static int Parent(int i) => i < 21 ? (i - 3) / 6 : 3 + (i - 21) / 6;

    static int[] Counts(HierarchicalFeatures world, int rows)
    {
        var active = new int[world.Width];
        foreach (var row in Drawn(world, rows))
            foreach (var (i, _) in row) active[i]++;
        return active;
    }

    static IEnumerable<(int Index, float Value)[]> Drawn(HierarchicalFeatures world, int rows)
    {
        var stream = new HierarchicalRows(world, 0);
        return Enumerable.Range(0, rows).Select(r => Row(stream, r));
    }

    static (int Index, float Value)[] Row(HierarchicalRows rows, long row)
    {
        var (indices, values) = (new int[rows.Width], new float[rows.Width]);
        var count = rows.Draw(row, indices, values);
        return [.. indices[..count].Zip(values[..count])];
    }

    static string Text((int Index, float Value)[] row) => string.Join(' ', row);

    // Within five standard errors.
    static void AssertShare(double expected, int found, int rows, string what) => Assert.True(
        Math.Abs(found / (double)rows - expected) <= 5 * Math.Sqrt(expected * (1 - expected) / rows) + 1e-12,
        $"{what}: expected {expected}, found {found / (double)rows}");
}

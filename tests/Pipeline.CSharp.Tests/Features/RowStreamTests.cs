using CsCheck;
using Superposition.Features;
using Xunit;

namespace Superposition.Tests.Features;

public sealed class RowStreamTests
{
    // Dense (≥ 1/16) and sparse interleaved, several in one octave, several octaves, both edges of an octave, and the extremes.
    static readonly double[] Mixed =
    [
        0.5, 0.03, 0, 1.0 / 16, 0.01, 1, 1.0 / 32, 0.001, 0.0625 - 1e-9, 0.9, 0.02, 1e-12, 0.04, 0.3, 0.05, 1.0 / 64, 0.06,
        0.017, 1e-4, 0.0301, 0, 0.1, 1 - 1e-12, double.Epsilon,
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Each_feature_is_active_as_often_as_its_density_says(long seed)
    {
        const int Rows = 200_000;
        var counts = Counts(new() { Features = Mixed.Length, Density = PerFeature.Of(Mixed), Seed = seed }, Rows);
        for (var i = 0; i < Mixed.Length; i++) AssertBinomial(counts[i], Rows, Mixed[i], $"feature {i}, p = {Mixed[i]}");
        Assert.Equal(0, counts[2]);
        Assert.Equal(Rows, counts[5]);
    }

    [Theory]
    [InlineData(400, 0.005, 100_000)]
    [InlineData(4096, 0.0003, 20_000)]   // most rows are empty or nearly so
    [InlineData(40, 1.0 / 16, 100_000)]  // the sparsest that is drawn one by one
    [InlineData(40, 0.0624, 100_000)]    // the densest that is drawn by gaps
    [InlineData(1, 0.02, 200_000)]
    public void Features_of_equal_density_are_equally_active_wherever_they_stand(int n, double p, int rows)
    {
        var counts = Counts(new() { Features = n, Density = p, Seed = 3 }, rows);
        AssertBinomial(counts.Sum(c => (long)c), (long)rows * n, p, "all features");
        foreach (var third in counts.Chunk((n + 2) / 3))
            AssertBinomial(third.Sum(c => (long)c), (long)rows * third.Length, p, "a third of the features");
        if (n < 30) return;
        // Σ z² over n independent features: mean n, variance about 2n.
        var z2 = counts.Sum(c => Math.Pow(c - rows * p, 2) / (rows * p * (1 - p)));
        Assert.InRange(z2, n - 5 * Math.Sqrt(2 * n), n + 5 * Math.Sqrt(2 * n));
    }

    [Theory]
    [InlineData(0f, 1f)]
    [InlineData(-1f, 1f)]
    [InlineData(2f, 5f)]
    public void The_values_have_the_distributions_mean_and_mean_square_dense_or_sparse(float low, float high)
    {
        const int Rows = 100_000;
        var uniform = new UniformValues(low, high);
        double[] p = [0.5, 0.03, 0.02, 0.3, 0.001, 0.05];
        var values = Enumerable.Range(0, p.Length).Select(_ => new List<double>()).ToArray();
        var world = new SparseFeatureOptions { Features = p.Length, Density = PerFeature.Of(p), Values = uniform, Seed = 4 };
        Visit(RowStream.Of(world, 0), Rows, (_, indices, active) =>
        {
            for (var c = 0; c < indices.Length; c++) values[indices[c]].Add(active[c]);
        });
        foreach (var drawn in values)
        {
            AssertMean(drawn, uniform.Mean);
            AssertMean([.. drawn.Select(v => v * v)], uniform.MeanSquare);
            Assert.All(drawn, v => Assert.InRange(v, low, high));
        }
    }

    [Fact]
    public void Features_are_active_and_valued_independently_of_each_other_and_of_the_row_before()
    {
        const int Rows = 100_000;
        double[] p = [0.5, 0.03, 0.3, 0.04, 0.035, 0.05, 1.0 / 16, 0.02, 0.9, 0.025, 0.06, 0.031];
        var n = p.Length;
        var both = new double[n, n];
        var consecutive = new double[n, n];
        var before = new bool[n];
        var now = new bool[n];
        var values = new double[n];
        var valueProducts = new List<double>[n, n];
        for (var i = 0; i < n; i++) for (var j = 0; j < n; j++) valueProducts[i, j] = [];
        Visit(RowStream.Of(new() { Features = n, Density = PerFeature.Of(p), Seed = 5 }, 0), Rows, (row, indices, active) =>
        {
            Array.Clear(now);
            for (var c = 0; c < indices.Length; c++) (now[indices[c]], values[indices[c]]) = (true, active[c]);
            for (var i = 0; i < n; i++)
                for (var j = 0; j < n; j++)
                {
                    if (before[i] && now[j]) consecutive[i, j]++;
                    if (i >= j || !now[i] || !now[j]) continue;
                    both[i, j]++;
                    valueProducts[i, j].Add((values[i] - 0.5) * (values[j] - 0.5));
                }
            now.CopyTo(before, 0);
        });
        var (sum, pairs) = (0.0, 0);
        for (var i = 0; i < n; i++)
            for (var j = 0; j < n; j++)
            {
                if (i != j) AssertBinomial((long)consecutive[i, j], Rows, p[i] * p[j], $"{i} then {j}");
                if (i >= j) continue;
                sum += AssertBinomial((long)both[i, j], Rows, p[i] * p[j], $"{i} and {j}");
                pairs++;
                if (valueProducts[i, j].Count > 30) AssertMean(valueProducts[i, j], 0);
            }
        Assert.InRange(sum, pairs - 5 * Math.Sqrt(2 * pairs), pairs + 5 * Math.Sqrt(2 * pairs));   // Σ z²
    }

    [Fact]
    public void Active_features_come_in_ascending_order_each_once() =>
        Gen.Select(Density.Array[1, 40], Gen.Long, Gen.Long, Gen.Long[0, long.MaxValue]).Sample((p, seed, stream, row) =>
        {
            var rows = RowStream.Of(new() { Features = p.Length, Density = PerFeature.Of(p), Seed = seed }, stream);
            var (indices, values) = Draw(rows, row);
            for (var c = 0; c < indices.Length; c++)
            {
                Assert.InRange(indices[c], c == 0 ? 0 : indices[c - 1] + 1, p.Length - 1);
                Assert.InRange(values[c], float.Epsilon, 1);
                Assert.NotEqual(0, p[indices[c]]);
            }
            Assert.Equal(p.Count(d => d == 1), indices.Count(i => p[i] == 1));
        }, iter: 2000);

    [Fact]
    public void A_row_does_not_depend_on_what_was_drawn_before_it_or_beside_it() =>
        Gen.Select(Density.Array[1, 20], Gen.Long, Gen.Long[0, 1L << 40]).Sample((p, seed, first) =>
        {
            var world = new SparseFeatureOptions { Features = p.Length, Density = PerFeature.Of(p), Seed = seed };
            var stream = RowStream.Of(world, 2);
            var block = new float[8 * p.Length];
            block.AsSpan().Fill(9);   // leftovers must be cleared
            stream.Fill(first, 8, block);
            for (var r = 7; r >= 0; r--)
            {
                var (indices, values) = Draw(RowStream.Of(world, 2), first + r);
                var dense = new float[p.Length];
                for (var c = 0; c < indices.Length; c++) dense[indices[c]] = values[c];
                Assert.Equal(dense, block.AsSpan(r * p.Length, p.Length).ToArray());
            }
        });

    [Fact]
    public void Other_streams_and_other_seeds_are_other_worlds()
    {
        var world = new SparseFeatureOptions { Features = 16, Density = PerFeature.Of([.. Mixed.Take(16)]), Seed = 1 };
        var variants = new[] { -1L, 0, 1, 2, 3, 1_000_000 }.Select(stream => RowStream.Of(world, stream))
            .Concat(new[] { 0L, 2, -1, long.MaxValue, long.MinValue }.Select(seed => RowStream.Of(world with { Seed = seed }, 0)))
            .ToArray();
        var rows = variants.SelectMany(v => Enumerable.Range(0, 50).Select(r => string.Join(' ', Draw(v, r).Values))).ToArray();
        Assert.Equal(rows.Length, rows.Distinct().Count());   // feature 5 is always active, so two equal rows would be chance 2⁻²⁴
    }

    // A feature has a counter of its own, whose draw u is both its mask, u < p, and its value's quantile, u / p (design, decision 2).
    [Fact]
    public void A_dense_feature_made_denser_keeps_its_rows_with_values_in_proportion_and_leaves_the_others_alone() =>
        Gen.Select(Gen.Double[1.0 / 16, 1].Array[2, 12], Gen.Double[0, 1], Gen.Int[0, 1000], Gen.Long).Sample((p, more, which, row) =>
        {
            var raised = which % p.Length;
            double[] denser = [.. p];
            denser[raised] += (1 - denser[raised]) * more;
            var before = Dense(p, Math.Abs(row / 2));
            var after = Dense(denser, Math.Abs(row / 2));
            for (var i = 0; i < p.Length; i++)
                if (i != raised) Assert.Equal(before[i], after[i]);
                else if (before[i] != 0) Assert.Equal(before[i] * (p[i] / denser[i]), after[i], 2e-7);
        });

    // What the fused kernels take: rows in lanes, and dense rows with a bit for each active feature, even and odd ones to begin with.
    [Fact]
    public unsafe void A_block_of_rows_holds_the_rows_one_by_one() =>
        Gen.Select(Density.Array[1, 150], Gen.Long, Gen.Long[0, 1L << 40], Gen.OneOf<FeatureValues>(new UniformValues(), new UniformValues(-1, 1), new Halved()))
            .Sample((p, seed, first, values) =>
            {
                var n = p.Length;
                var stream = RowStream.Of(new() { Features = n, Density = PerFeature.Of(p), Values = values, Seed = seed }, 1);
                var stride = (n + 63) / 64 * 64;
                var (lanes, dense, masks) = (new float[n * 32], new float[32 * stride], new ulong[32 * stride / 64]);
                dense.AsSpan().Fill(9);   // leftovers must be cleared
                fixed (float* l = lanes, d = dense)
                fixed (ulong* m = masks)
                {
                    stream.DrawLanes(first, 2, l);
                    stream.DrawDense(first, 32, stride, d, m);
                }
                for (var r = 0; r < 32; r++)
                {
                    var (indices, active) = Draw(stream, first + r);
                    var row = new float[stride];
                    for (var c = 0; c < indices.Length; c++) row[indices[c]] = active[c];
                    Assert.Equal(row, dense.AsSpan(r * stride, stride).ToArray());
                    Assert.Equal(indices, Enumerable.Range(0, stride).Where(i => (masks[r * stride / 64 + i / 64] >> i & 1) != 0));
                    for (var i = 0; i < n; i++) Assert.Equal(row[i], lanes[i * 32 + r]);
                }
            }, iter: 300);

    // A distribution whose quantile function is no line.
    sealed record Halved : FeatureValues
    {
        public override float Quantile(float u) => u > 0.5f ? 2 : 1;
        public override double Mean => 1.5;
        public override double MeanSquare => 2.5;
    }

    static readonly Gen<double> Density = Gen.OneOf(Gen.Double[0, 1], Gen.Double[0, 0.07], Gen.OneOf(0, 1, 1.0 / 16, 1.0 / 32, 1e-9));

    static float[] Dense(double[] p, long row)
    {
        var dense = new float[p.Length];
        RowStream.Of(new() { Features = p.Length, Density = PerFeature.Of(p), Seed = 1 }, 0).Fill(row, 1, dense);
        return dense;
    }

    static (int[] Indices, float[] Values) Draw(RowStream stream, long row)
    {
        var (indices, values) = (new int[stream.Width], new float[stream.Width]);
        var count = stream.Draw(row, indices, values);
        return (indices[..count], values[..count]);
    }

    static int[] Counts(SparseFeatureOptions world, int rows)
    {
        var counts = new int[world.Features];
        Visit(RowStream.Of(world, 0), rows, (_, indices, _) =>
        {
            foreach (var i in indices) counts[i]++;
        });
        return counts;
    }

    delegate void Visitor(long row, ReadOnlySpan<int> indices, ReadOnlySpan<float> values);

    static void Visit(RowStream stream, int rows, Visitor visit)
    {
        var (indices, values) = (new int[stream.Width], new float[stream.Width]);
        for (var r = 0; r < rows; r++)
        {
            var count = stream.Draw(r, indices, values);
            visit(r, indices.AsSpan(0, count), values.AsSpan(0, count));
        }
    }

    // Within 4.5σ, plus one for rare events; returns z².
    static double AssertBinomial(long count, long trials, double p, string what)
    {
        var (expected, variance) = (trials * p, trials * p * (1 - p));
        Assert.True(Math.Abs(count - expected) <= 4.5 * Math.Sqrt(variance) + 1, $"{what}: expected {expected}, found {count}");
        return variance == 0 ? 0 : Math.Pow(count - expected, 2) / variance;
    }

    // Within 4.5 standard errors of the mean, the error estimated from the sample.
    static void AssertMean(List<double> sample, double expected)
    {
        var mean = sample.Average();
        var error = Math.Sqrt(sample.Sum(v => (v - mean) * (v - mean)) / ((double)sample.Count * (sample.Count - 1)));
        Assert.True(Math.Abs(mean - expected) <= 4.5 * error, $"expected {expected}, found {mean} ± {error}");
    }
}

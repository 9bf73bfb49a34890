using Superposition.Autoencoders;
using Superposition.Training;
using Xunit;

namespace Superposition.Tests.Autoencoders.Baselines;

public sealed class KMeansTests
{
    const int D = 20;

    // Eight directions and their opposites, so that the mean of the clusters is 0; not at right angles.
    static readonly double[][] Directions = [.. Recorded.Normal(seed: 11, rows: 8, D).SelectMany(row => new[] { 1.0, -1 }.Select(sign =>
        Planted.Unit([.. row.Select(v => sign * v)])))];

    static readonly float[][] Rows = Clusters(seed: 12, rows: 4000);
    static readonly KMeans Means = new() { Latents = 16, K = 1, Seed = 1 };

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Planted_clusters_are_found(long seed)
    {
        var found = (Means with { Seed = seed, Latents = 24 }).Fit(Rows);
        Assert.All(found.Found(Directions), cosine => Assert.InRange(cosine, 0.99, 1.0001));
    }

    /// <summary>Noise of variance 0.05² in each of the 19 dimensions across a direction is what a row of one cluster leaves.</summary>
    [Fact]
    public void One_latent_a_row_leaves_the_noise_across_its_direction()
    {
        var errors = Enumerable.Range(1, 5).Select(seed => (Means with { Latents = 24, Seed = seed }).Fit(Rows).On(Rows).SquaredError);
        Assert.All(errors, error => Assert.InRange(error, 0.9 * 19 * 0.0025, 1.02 * 19 * 0.0025));
    }

    [Fact]
    public void More_rounds_never_leave_more()
    {
        var noise = Recorded.Normal(seed: 13, rows: 3000, dimensions: 6);
        double[] errors = [.. Enumerable.Range(1, 12).Select(rounds =>
            (Means with { MaxIterations = rounds, Tolerance = 0, Latents = 12 }).Fit(noise).On(noise).SquaredError)];
        for (var i = 1; i < errors.Length; i++) Assert.InRange(errors[i], 0, errors[i - 1] + 1e-6);
        Assert.True(errors[^1] < errors[0] - 0.05);
    }

    [Fact]
    public void Served_by_matching_pursuit_further_latents_take_what_the_first_left()
    {
        var noise = Recorded.Normal(seed: 14, rows: 3000, dimensions: 6);
        var found = (Means with { Latents = 40 }).Fit(noise);
        double[] errors = [.. Enumerable.Range(1, 4).Select(k =>
            (found with { Activation = new MatchingPursuitActivation(k, StopsOnRepeat: false) }).On(noise).SquaredError)];
        Assert.Equal(found.On(noise).SquaredError, errors[0], 1e-4);
        for (var k = 1; k < errors.Length; k++) Assert.InRange(errors[k], 0, 0.9 * errors[k - 1]);
    }

    [Fact]
    public void In_the_end_each_direction_is_the_weighted_sum_of_its_rows()
    {
        var found = (Means with { MaxIterations = 1000, Tolerance = 0 }).Fit(Rows);
        var sums = new double[16][];
        for (var j = 0; j < 16; j++) sums[j] = new double[D];
        foreach (var row in Rows)
        {
            double[] x = [.. row.Zip(found.DecoderBias, (a, b) => (double)a - b)];
            var (j, along) = found.Decoder.Rows()
                .Select((d, j) => (j, along: Planted.Product([.. d.Select(v => (double)v)], x))).MaxBy(p => p.along);
            for (var i = 0; i < D; i++) sums[j][i] += Math.Max(0, along) * x[i];
        }
        for (var j = 0; j < 16; j++)
            Assert.Equal(1, Planted.Product([.. found.Decoder.Rows()[j].Select(v => (double)v)], Planted.Unit(sums[j])), 1e-5);
    }

    [Fact]
    public void A_direction_without_rows_goes_to_the_row_of_largest_error()
    {
        // Mean 0. Direction 0 takes (1, 0), (2, 0); direction 1 none, for every row goes at least as far along 0 or 2.
        float[][] data = [[1, 0], [2, 0], [0, 1], [-3, 1], [0, -2]];
        using var feed = RowFeed.Of(Recorded.View(data), "Activations", 0, 0);
        var clusters = new DirectionClusters(new(feed, data.Length, 2, default), 3);
        var directions = new float[,] { { 1, 0 }, { 0.70710677f, -0.70710677f }, { 0, 1 } };
        // Errors: 0, 0, 0, 10 − 1 and 4 − 2.
        Assert.Equal(11, clusters.Assign(directions), 1e-5);
        directions[1, 0] = -1;   // as if it had been elsewhere: its rows are those it was given
        clusters.Move(directions, 1e-6);
        Assert.Equal([0, -1], directions.Rows()[1]);

        directions = new float[,] { { 1, 0 }, { 1, 0 }, { 0, 1 } };   // of equal ones the first has all rows
        Assert.Equal(13, clusters.Assign(directions), 1e-5);
        clusters.Move(directions, 1e-6);
        Assert.Equal(-3 / Math.Sqrt(10), directions[1, 0], 1e-6);
        Assert.Equal(1 / Math.Sqrt(10), directions[1, 1], 1e-6);
        Assert.True(clusters.Assign(directions) < 5);
    }

    [Theory]
    [InlineData(1, 1, 2)]
    [InlineData(7, 130, 2115)]
    [InlineData(40, 64, 67)]
    public void A_row_is_given_to_the_direction_it_goes_farthest_along(int d, int count, int rows)
    {
        using var feed = RowFeed.Of(Recorded.View(Recorded.Normal(seed: d, rows, d)), "Activations", 0, 0);
        var data = new CentredRows(feed, rows, d, default);
        var directions = Superposition.DataViews.Rows.Matrix(
            [.. Recorded.Normal(seed: d + 1, count, d).SelectMany(row => row.Select(v => (float)(v / row.Norm())))], count);
        var expected = Enumerable.Range(0, rows).Sum(r =>
        {
            double[] x = [.. data[r].ToArray().Select(v => (double)v)];
            var along = Math.Max(0, directions.Rows().Max(row => Planted.Product([.. row.Select(v => (double)v)], x)));
            return Planted.Product(x, x) - along * along;
        });
        Assert.Equal(expected, new DirectionClusters(data, count).Assign(directions), 1e-5 * data.Square);
    }

    [Fact]
    public void More_directions_than_rows_are_directions_all_the_same()
    {
        float[][] three = [[1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 1]];
        var found = new KMeans { Latents = 12, K = 1, Seed = 1 }.Fit(three);
        Assert.All(found.Decoder.Rows(), row => Assert.Equal(1, row.Norm(), 1e-6));
        Assert.Equal(0, found.On(three).UnexplainedVariance, 1e-5);
    }

    // 1 … 2 along one of the directions, and noise.
    static float[][] Clusters(int seed, int rows)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, rows).Select(r =>
        {
            var (noise, size) = (AutoencoderDraw.Normal(random, D, 0.05), 1 + random.NextDouble());
            return Engine.Singles([.. Directions[r % 16].Zip(noise, (a, b) => size * a + b)]);
        })];
    }
}

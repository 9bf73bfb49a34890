using Superposition.Autoencoders;
using Xunit;

namespace Superposition.Tests.Autoencoders.Baselines;

public sealed class IndependentComponentsTests
{
    const int D = 16;
    static readonly double[][] Directions = Planted.Orthogonal(seed: 6, D);
    static readonly float[][] Rows = Planted.Sparse(seed: 7, rows: 20_000, Directions);
    static readonly IndependentComponents All = new() { Latents = D, K = D, Seed = 1 };

    [Fact]
    public void Independent_sparse_features_of_equal_variance_are_found_where_principal_components_cannot()
    {
        Assert.All(All.Fit(Rows).Found(Directions), cosine => Assert.InRange(cosine, 0.98, 1.0001));
        var principal = new PrincipalComponents { Latents = D, K = D, Seed = 1 }.Fit(Rows).Found(Directions, eitherSign: true);
        Assert.InRange(principal.Average(), 0.3, 0.85);
    }

    [Fact]
    public void A_mixture_whose_directions_are_not_at_right_angles_is_undone()
    {
        var random = new Random(8);
        double[][] mixed = [.. Directions.Select(direction => Planted.Unit(
            [.. direction.Zip(AutoencoderDraw.Normal(random, D, 0.6 / Math.Sqrt(D)), (a, b) => a + b)]))];
        Assert.True(mixed.SelectMany((a, i) => mixed[..i].Select(b => Math.Abs(Planted.Product(a, b)))).Max() > 0.3);
        var rows = Planted.Sparse(seed: 9, rows: 20_000, mixed);
        var found = All.Fit(rows);
        Assert.All(found.Found(mixed), cosine => Assert.InRange(cosine, 0.98, 1.0001));
        Assert.Equal(0, found.On(rows).UnexplainedVariance, 1e-8);   // the encoder is the decoder's inverse
    }

    [Fact]
    public void Latents_are_the_sources_about_their_mean()
    {
        var (found, mean) = (All.Fit(Rows), 0.05);   // p/2
        var (at, _) = (Enumerable.Range(0, D).Select(j => (j, Math.Abs(found.Found([Directions[0]])[0] - Cosine(j)))).MinBy(x => x.Item2));
        var worst = Rows.Take(500).Max(x => Math.Abs(
            x.Select((v, i) => (v - (double)found.DecoderBias[i]) * found.Encoder[i, at]).Sum()
            - (x.Select((v, i) => (v - 1) * Directions[0][i]).Sum() - mean)));
        Assert.InRange(worst, 0, 0.1);

        double Cosine(int j) => Planted.Product([.. found.Decoder.Rows()[j].Select(v => (double)v)], Directions[0]);
    }

    [Fact]
    public void With_opposites_each_direction_is_there_both_ways()
    {
        var found = (All with { Latents = 2 * D, Opposites = true }).Fit(Rows);
        Assert.All(found.Found(Directions), cosine => Assert.InRange(cosine, 0.98, 1.0001));
        Assert.All(found.Found([.. Directions.Select(direction => direction.Select(v => -v).ToArray())]),
            cosine => Assert.InRange(cosine, 0.98, 1.0001));
        Assert.Equal(0, found.On(Rows).UnexplainedVariance, 1e-8);
    }

    [Fact]
    public void Whitened_latents_are_uncorrelated()
    {
        var found = All.Fit(Rows);
        var latents = Rows.Select(x => Enumerable.Range(0, D).Select(j =>
            x.Select((v, i) => (v - (double)found.DecoderBias[i]) * found.Encoder[i, j]).Sum()).ToArray()).ToArray();
        for (var i = 0; i < D; i++)
            for (var j = 0; j < i; j++)
                Assert.Equal(0, latents.Sum(z => z[i] * z[j])
                    / Math.Sqrt(latents.Sum(z => z[i] * z[i]) * latents.Sum(z => z[j] * z[j])), 1e-4);
    }

    [Fact]
    public void More_components_than_dimensions_the_rows_lie_in_are_refused()
    {
        float[][] plane = [.. Recorded.Normal(seed: 5, rows: 200, dimensions: 2).Select(x => new[] { x[0], x[1], x[0] + x[1], 0 })];
        Assert.Equal(["Latents is 3; the rows lie in 2 dimensions, so it must be at most 2."],
            Assert.Throws<OptionsException>(() => new IndependentComponents { Latents = 3, K = 1, Seed = 1 }.Fit(plane)).Problems);
        Assert.Equal(2, new IndependentComponents { Latents = 2, K = 1, Seed = 1 }.Fit(plane).Latents);
    }

    [Fact]
    public void Where_nothing_settles_the_last_step_is_taken()
    {
        var normal = Recorded.Normal(seed: 10, rows: 500, dimensions: 4);   // any rotation of normal rows is as independent
        var found = new IndependentComponents { Latents = 4, K = 4, Seed = 1, MaxIterations = 3, Tolerance = 1e-12 }.Fit(normal);
        Assert.Equal(0, found.On(normal).UnexplainedVariance, 1e-8);
    }
}

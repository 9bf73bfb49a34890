using Superposition.Autoencoders;
using Xunit;

namespace Superposition.Tests.Autoencoders.Baselines;

public sealed class PrincipalComponentsTests
{
    const int D = 12;
    static readonly double[][] Axes = Planted.Orthogonal(seed: 2, D);

    // ±√(d λ_s) v_s + 3 for every s, of which the mean is 3 and the covariance Σ_s λ_s v_s v_sᵀ; λ_s = d − s.
    static readonly float[][] Rows = [.. Axes.SelectMany((axis, s) => new[] { 1, -1 }.Select(sign =>
        Engine.Singles([.. axis.Select(v => 3 + sign * Math.Sqrt(D * (D - s)) * v)])))];

    static readonly PrincipalComponents All = new() { Latents = D, K = D, Seed = 1 };

    [Fact]
    public void The_axes_of_a_known_covariance_are_found_largest_first()
    {
        var decoder = All.Fit(Rows).Decoder.Rows();
        for (var s = 0; s < D; s++)
            Assert.Equal(1, Math.Abs(Planted.Product([.. decoder[s].Select(v => (double)v)], Axes[s])), 1e-6);
    }

    [Fact]
    public void With_k_equal_to_d_nothing_is_lost()
    {
        var normal = Recorded.Normal(seed: 3, rows: 500, D);
        Assert.Equal(0, All.Fit(normal).On(normal).UnexplainedVariance, 1e-9);
        Assert.Equal(0, (All with { Latents = 2 * D, Opposites = true }).Fit(normal).On(normal).UnexplainedVariance, 1e-9);
    }

    /// <summary>Eckart and Young: what c components leave is the sum of the other variances.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(11)]
    public void The_foremost_components_leave_the_variance_of_the_others(int count)
    {
        var found = (All with { Latents = count, K = count }).Fit(Rows).On(Rows);
        Assert.Equal(Enumerable.Range(count, D - count).Sum(s => D - s), found.SquaredError, 1e-3);
        Assert.Equal(D * (D + 1) / 2, found.Variance, 1e-3);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(6)]
    public void Components_with_their_opposites_reconstruct_what_signed_ones_do(int k)
    {
        var normal = Recorded.Normal(seed: 4, rows: 500, D);
        var signed = (All with { Latents = 6, K = k }).Fit(normal);
        var pairs = (All with { Latents = D, K = k, Opposites = true }).Fit(normal);
        Assert.Equal(signed.On(normal).SquaredError, pairs.On(normal).SquaredError, 1e-5);
        for (var c = 0; c < 6; c++)
        {
            Assert.Equal(signed.Decoder.Rows()[c], pairs.Decoder.Rows()[2 * c]);
            Assert.Equal(signed.Decoder.Rows()[c].Select(v => -v), pairs.Decoder.Rows()[2 * c + 1]);
        }
    }

    [Fact]
    public void A_component_points_where_its_long_tail_is()
    {
        // Seldom 1 and mostly 0 along x₀, seldom −2 and mostly 0 along x₁.
        float[][] rows = [.. Enumerable.Range(0, 100).Select(r => new[] { r % 10 == 0 ? 1f : 0, r % 10 == 1 ? -2f : 0 })];
        var decoder = new PrincipalComponents { Latents = 2, K = 1, Seed = 1 }.Fit(rows).Decoder;
        Assert.True(decoder[0, 1] < -0.9 && decoder[1, 0] > 0.9);
    }

    [Fact]
    public void Rows_that_lie_in_fewer_dimensions_have_components_still()
    {
        float[][] plane = [.. Recorded.Normal(seed: 5, rows: 200, dimensions: 2).Select(x => new[] { x[0], x[1], x[0] + x[1], 0 })];
        var found = new PrincipalComponents { Latents = 4, K = 2, Seed = 1 }.Fit(plane);
        Assert.All(found.Decoder.Rows(), row => Assert.Equal(1, row.Norm(), 1e-6));
        Assert.Equal(0, found.On(plane).UnexplainedVariance, 1e-9);
    }
}

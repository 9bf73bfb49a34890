using CsCheck;
using Superposition.Features;
using Xunit;

namespace Superposition.Tests.Features;

public sealed class CorrelationFactorTests
{
    // Of n random directions in r dimensions: rank min(n, r).
    static readonly Gen<double[][]> Correlations = Gen.Select(Gen.Int[1, 12], Gen.Int[1, 15], Gen.Int).Select((n, r, seed) =>
        Gram(Directions(n, r, seed)));

    [Fact]
    public void The_factor_times_its_transpose_is_the_matrix() => Correlations.Sample(correlation =>
        AssertGives(correlation, 1e-7));   // where a pivot is rounding, its root is not

    [Fact]
    public void The_rank_is_that_of_the_directions_the_matrix_came_from() =>
        Gen.Select(Gen.Int[1, 5], Gen.Int).Sample((r, seed) =>
            Assert.Equal(r, CorrelationFactor.Of(Gram(Directions(12, r, seed))).Rank));

    [Fact]
    public void A_matrix_rounded_to_single_precision_is_factored_to_that_precision() => Correlations.Sample(correlation =>
        AssertGives([.. correlation.Select(row => row.Select(entry => (double)(float)entry).ToArray())], 1e-5));

    [Theory]
    [InlineData(-0.5, null)]     // three normals that sum to 0
    [InlineData(-0.500001, null)]
    [InlineData(-0.501, "-0.003")]
    [InlineData(-0.9, "-1.52")]
    public void Three_normals_cannot_all_be_opposed_by_more_than_a_half(double rho, string? eigenvalue)
    {
        var problem = CorrelationFactor.Of([[1, rho, rho], [rho, 1, rho], [rho, rho, 1]]).Problem;
        if (eigenvalue is null) Assert.Null(problem);
        else Assert.Contains($"have the eigenvalue {eigenvalue}", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_fully_correlated_with_a_third_is_so_with_each_other() =>
        Assert.NotNull(CorrelationFactor.Of([[1, 1, 1], [1, 1, 0], [1, 0, 1]]).Problem);

    static void AssertGives(double[][] correlation, double within)
    {
        var factor = CorrelationFactor.Of(correlation);
        Assert.Null(factor.Problem);
        for (var r = 0; r < correlation.Length; r++)
            for (var s = 0; s < correlation.Length; s++)
            {
                var given = Enumerable.Range(0, factor.Rank).Sum(c => factor[r, c] * factor[s, c]);
                Assert.Equal(correlation[factor.Features[r]][factor.Features[s]], given, within);
                if (s > r) Assert.Equal(0, factor[r, s]);
            }
    }

    static double[][] Directions(int n, int r, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, n).Select(_ => Enumerable.Range(0, r).Select(_ => random.NextDouble() - 0.5).ToArray())];
    }

    internal static double[][] Gram(double[][] directions)
    {
        var norms = directions.Select(d => Math.Sqrt(d.Sum(x => x * x))).ToArray();
        return [.. directions.Select((a, i) => directions.Select((b, j) =>
            i == j ? 1 : a.Zip(b, (x, y) => x * y).Sum() / (norms[i] * norms[j])).ToArray())];
    }
}

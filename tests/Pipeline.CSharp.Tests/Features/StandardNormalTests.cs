using Superposition.Features;
using Xunit;

namespace Superposition.Tests.Features;

public sealed class StandardNormalTests
{
    [Fact]
    public void The_quantile_is_the_inverse_of_the_distribution_function()
    {
        for (var z = -4.5; z <= 4.5; z += 1.0 / 64)
        {
            var p = Distribution(z);
            var slope = Math.Exp(-z * z / 2) / Math.Sqrt(2 * Math.PI);
            Assert.Equal(z, StandardNormal.Quantile(p), 1e-14 + 1e-15 / slope);   // p itself is rounded
        }
    }

    [Fact]
    public void The_far_tail_is_that_of_Laplaces_continued_fraction()
    {
        for (var z = 4.0; z <= 37; z += 0.25)
        {
            var mills = z;
            for (var k = 200; k >= 1; k--) mills = z + k / mills;
            var tail = Math.Exp(-z * z / 2) / Math.Sqrt(2 * Math.PI) / mills;
            Assert.Equal(-z, StandardNormal.Quantile(tail), 1e-12);
        }
    }

    [Fact]
    public void The_quantile_is_odd_about_one_half_and_infinite_at_the_ends()
    {
        foreach (var p in new[] { 0.5, 0.25, 0.125, 0.0625, 1.0 / 1024, Math.Pow(2, -50) })
            Assert.Equal(-StandardNormal.Quantile(p), StandardNormal.Quantile(1 - p));
        Assert.Equal(double.NegativeInfinity, StandardNormal.Quantile(0));
        Assert.Equal(double.PositiveInfinity, StandardNormal.Quantile(1));
    }

    [Fact]
    public void The_distribution_function_is_the_inverse_of_the_quantile_far_into_the_tails()
    {
        for (var p = 1e-300; p < 0.5; p *= 1.7)
        {
            Assert.Equal(1, StandardNormal.Cumulative(StandardNormal.Quantile(p)) / p, p < 2e-7 ? 1e-11 : 1e-9);
            Assert.Equal(1 - p, StandardNormal.Cumulative(-StandardNormal.Quantile(p)), 1e-15);
        }
        Assert.Equal(0.5, StandardNormal.Cumulative(0));
        Assert.Equal((0, 1), (StandardNormal.Cumulative(double.NegativeInfinity), StandardNormal.Cumulative(double.PositiveInfinity)));
    }

    // Φ(z) = 1/2 + φ(z) (z + z³/3 + z⁵/(3·5) + …)
    internal static double Distribution(double z)
    {
        var (term, sum) = (z, z);
        for (var k = 3; Math.Abs(term) > 1e-18 * Math.Abs(sum); k += 2) sum += term *= z * z / k;
        return 0.5 + sum * Math.Exp(-z * z / 2) / Math.Sqrt(2 * Math.PI);
    }
}

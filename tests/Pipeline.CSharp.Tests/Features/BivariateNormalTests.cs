using CsCheck;
using Superposition.Features;
using Xunit;

namespace Superposition.Tests.Features;

public sealed class BivariateNormalTests
{
    static readonly Gen<double> Probability = Gen.OneOf(Gen.Double[0, 1], Gen.Double[0, 0.01], Gen.OneOf(0.5, 0.05, 1e-6, 1 - 1e-6));
    static readonly Gen<double> Correlation =
        Gen.OneOf(Gen.Double[-1, 1], Gen.Double[0, 12].Select(digits => 1 - Math.Pow(10, -digits)), Gen.OneOf(0, 0.5, -0.5));

    [Fact]
    public void Without_correlation_it_is_the_product() => Gen.Select(Probability, Probability).Sample((p, q) =>
        Assert.Equal(p * q, BivariateNormal.Below(p, q, 0)));

    [Fact]
    public void From_the_medians_it_is_a_quarter_and_the_arcsine_of_the_correlation() => Correlation.Sample(rho =>
        Assert.Equal(0.25 + Math.Asin(rho) / (2 * Math.PI), BivariateNormal.Below(0.5, 0.5, rho), 1e-14));   // Sheppard 1899

    [Fact]
    public void Full_correlation_takes_all_that_the_margins_allow_and_full_anticorrelation_the_least() =>
        Gen.Select(Probability, Probability).Sample((p, q) =>
        {
            Assert.Equal(Math.Min(p, q), BivariateNormal.Below(p, q, 1));
            Assert.Equal(Math.Max(0, p + q - 1), BivariateNormal.Below(p, q, -1), 3e-16);
            // The limits are reached like √(1 − ρ).
            Assert.Equal(Math.Min(p, q), BivariateNormal.Below(p, q, 1 - 1e-14), 1e-7);
            Assert.Equal(Math.Max(0, p + q - 1), BivariateNormal.Below(p, q, -1 + 1e-14), 1e-7);
        });

    [Fact]
    public void It_is_symmetric_and_its_complement_has_the_opposite_correlation() =>
        Gen.Select(Probability, Probability, Correlation).Sample((p, q, rho) =>
        {
            var below = BivariateNormal.Below(p, q, rho);
            Assert.Equal(below, BivariateNormal.Below(q, p, rho), 1e-15);
            // P(X < h) = P(X < h, Y < k) + P(X < h, −Y < −k)
            Assert.Equal(p, below + BivariateNormal.Below(p, 1 - q, -rho), 1e-14);
        });

    [Fact]
    public void What_is_certain_leaves_the_other_and_what_is_impossible_nothing()
    {
        Assert.Equal(0.3, BivariateNormal.Below(1, 0.3, 0.7));
        Assert.Equal(0.3, BivariateNormal.Below(0.3, 1, -0.7));
        Assert.Equal(0, BivariateNormal.Below(0, 0.3, 0.7));
        Assert.Equal(0, BivariateNormal.Below(0.3, 0, 1));
    }

    // P(X < h, Y < k) = ∫_{−∞}^h φ(x) Φ((k − ρx) / √(1 − ρ²)) dx, by Simpson's rule.
    [Fact]
    public void It_is_the_integral_of_the_conditional_distribution() =>
        Gen.Select(Gen.Double[0.001, 0.999], Gen.Double[0.001, 0.999], Gen.Double[-0.999, 0.999]).Sample((p, q, rho) =>
        {
            const int Steps = 8000;
            var (h, k, root) = (StandardNormal.Quantile(p), StandardNormal.Quantile(q), Math.Sqrt(1 - rho * rho));
            var step = (h + 9) / Steps;
            var sum = 0.0;
            for (var s = 0; s <= Steps; s++)
            {
                var x = -9 + s * step;
                var given = Math.Clamp((k - rho * x) / root, -9, 9);
                sum += (s is 0 or Steps ? 1 : s % 2 == 0 ? 2 : 4) * Math.Exp(-x * x / 2) * StandardNormalTests.Distribution(given);
            }
            Assert.Equal(sum * step / 3 / Math.Sqrt(2 * Math.PI), BivariateNormal.Below(p, q, rho), 1e-11);
        }, iter: 50);
}

using CsCheck;
using Superposition.Features;
using Xunit;

namespace Superposition.Tests.Features;

public sealed class FeatureValuesTests
{
    [Fact]
    public void The_moments_are_the_integrals_of_the_quantile_function() =>
        Gen.Select(Gen.Float[-10, 10], Gen.Float[0, 10]).Sample((low, width) =>
        {
            const int Cells = 1000;   // the midpoint rule errs by (width/Cells)²/12 in the mean square
            var values = new UniformValues(low, low + width);
            var drawn = Enumerable.Range(0, Cells).Select(c => (double)values.Quantile((c + 0.5f) / Cells)).ToArray();
            var scale = 1e-5 * Math.Max(1, drawn.Max(v => v * v));
            Assert.Equal(drawn.Average(), values.Mean, scale);
            Assert.Equal(drawn.Average(v => v * v), values.MeanSquare, scale);
        });

    [Fact]
    public void Uniform_on_the_unit_interval_has_mean_one_half_and_mean_square_one_third()
    {
        Assert.Equal(0.5, new UniformValues().Mean);
        Assert.Equal(1.0 / 3, new UniformValues().MeanSquare, 1e-15);
        Assert.Equal(0, new UniformValues(-1, 1).Mean);
        Assert.Equal(1.0 / 3, new UniformValues(-1, 1).MeanSquare, 1e-15);
    }

    [Fact]
    public void A_higher_quantile_is_never_a_lower_value_and_stays_within_the_bounds() =>
        Gen.Select(Gen.Float[-10, 10], Gen.Float[0, 10], Gen.Float[1e-7f, 1], Gen.Float[1e-7f, 1]).Sample((low, width, u, v) =>
        {
            var values = new UniformValues(low, low + width);
            Assert.True(values.Quantile(Math.Min(u, v)) <= values.Quantile(Math.Max(u, v)));
            Assert.InRange(values.Quantile(u), values.Low, values.High + 1e-6f * Math.Abs(values.High));
        });
}

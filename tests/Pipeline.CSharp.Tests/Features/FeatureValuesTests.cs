using CsCheck;
using Superposition.Features;
using Xunit;

namespace Superposition.Tests.Features;

public sealed class FeatureValuesTests
{
    static readonly Gen<FeatureValues> Any = Gen.OneOf<FeatureValues>(
        Gen.Select(Gen.Float[-10, 10], Gen.Float[0, 10]).Select((low, width) => (FeatureValues)new UniformValues(low, low + width)),
        Gen.Float[-10, 10].Select(value => (FeatureValues)new BinaryValues(value)),
        Gen.Float[-10, 10].Array[1, 20].Select(levels => (FeatureValues)new DiscreteValues([.. levels.Order()])),
        Gen.Double[0.01, 10].Select(mean => (FeatureValues)new ExponentialValues(mean)));

    [Fact]
    public void The_moments_are_the_integrals_of_the_quantile_function() => Any.Sample(values =>
    {
        const int Cells = 50_000;   // the last cell of an exponential, and those across a step, err by a few 1/Cells
        var drawn = Enumerable.Range(0, Cells).Select(c => (double)values.Quantile((c + 0.5f) / Cells)).ToArray();
        var scale = 5e-4 * Math.Max(1, values.MeanSquare);
        Assert.Equal(drawn.Average(), values.Mean, scale);
        Assert.Equal(drawn.Average(v => v * v), values.MeanSquare, scale);
    });

    [Fact]
    public void A_higher_quantile_is_never_a_lower_value() =>
        Gen.Select(Any, Gen.Float[1e-7f, 1], Gen.Float[1e-7f, 1]).Sample((values, u, v) =>
            Assert.True(values.Quantile(Math.Min(u, v)) <= values.Quantile(Math.Max(u, v))));

    [Fact]
    public void The_least_and_the_greatest_draw_are_finite_values() => Any.Sample(values =>
    {
        Assert.True(float.IsFinite(values.Quantile(1f / (1L << 32))));
        Assert.True(float.IsFinite(values.Quantile(1)));
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
    public void Uniform_values_stay_within_their_bounds() =>
        Gen.Select(Gen.Float[-10, 10], Gen.Float[0, 10], Gen.Float[1e-7f, 1]).Sample((low, width, u) =>
        {
            var values = new UniformValues(low, low + width);
            Assert.InRange(values.Quantile(u), values.Low, values.High + 1e-6f * Math.Abs(values.High));
        });

    [Fact]
    public void Discrete_values_share_the_quantiles_out_in_equal_parts()
    {
        var values = new DiscreteValues(-1, 0, 0, 2);
        float[] quantiles = [1e-7f, 0.25f, 0.2501f, 0.5f, 0.75f, 0.7501f, 1];
        Assert.Equal([-1, -1, 0, 0, 0, 2, 2], quantiles.Select(values.Quantile));
        Assert.Equal(0.25, values.Mean);
        Assert.Equal(1.25, values.MeanSquare);
    }

    [Fact]
    public void Half_of_exponential_values_lie_below_the_mean_times_ln_2() =>
        Assert.Equal(3 * Math.Log(2), new ExponentialValues(3).Quantile(0.5f), 1e-6);

    [Fact]
    public void Records_with_equal_levels_are_equal()
    {
        Assert.Equal(new DiscreteValues(1, 2), new DiscreteValues(1, 2));
        Assert.Equal(new DiscreteValues(1, 2).GetHashCode(), new DiscreteValues(1, 2).GetHashCode());
        Assert.NotEqual(new DiscreteValues(1, 2), new DiscreteValues(1, 3));
        Assert.NotEqual(new DiscreteValues(1, 2), new DiscreteValues(1, 2, 2));
    }

    public static TheoryData<FeatureValues, string> Unusable => new()
    {
        { new UniformValues(1, 0), "Values are uniform on [1, 0]; the bounds must be finite and in order." },
        { new BinaryValues(float.NaN), "Values are always NaN; the value must be finite." },
        { new DiscreteValues(), "Values have no levels; list at least one." },
        { new DiscreteValues(2, 1), "Values have the levels 2, 1; they must be finite and ascending." },
        { new DiscreteValues(1, float.PositiveInfinity), "Values have the levels 1, Infinity; they must be finite and ascending." },
        { new ExponentialValues(0), "Values are exponential with mean 0; it must be finite and above 0." },
        { new ExponentialValues(double.NaN), "Values are exponential with mean NaN; it must be finite and above 0." },
    };

    [Theory]
    [MemberData(nameof(Unusable))]
    public void Unusable_values_are_refused_in_a_sentence(FeatureValues values, string sentence) =>
        Assert.Equal([sentence], values.Problems());
}

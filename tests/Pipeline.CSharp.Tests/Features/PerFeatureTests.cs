using System.Text.Json;
using CsCheck;
using Superposition.Features;
using Xunit;

namespace Superposition.Tests.Features;

public sealed class PerFeatureTests
{
    static readonly Gen<double> Number = Gen.OneOf(
        Gen.Double[0, 1], Gen.Double[-1e6, 1e6], Gen.OneOf(0.0, 1.0, 1e-300, double.Epsilon, double.MaxValue, 0.1));

    static readonly Gen<PerFeature> Any = Gen.OneOf(
        Number.Select(PerFeature.All), Number.Select(PerFeature.Powers), Gen.Select(Number, Number).Select(PerFeature.Zipf),
        Number.Array[0, 20].Select(list => PerFeature.Of(list)));

    [Fact]
    public void What_is_written_as_JSON_is_read_back_equal() => Any.Sample(value =>
    {
        var read = JsonSerializer.Deserialize<PerFeature>(JsonSerializer.Serialize(value, OptionsJson.Settings), OptionsJson.Settings)!;
        Assert.Equal(value, read);
        Assert.Equal(value.GetHashCode(), read.GetHashCode());
    });

    [Fact]
    public void Equal_values_expand_to_equal_numbers() => Gen.Select(Any, Any, Gen.Int[1, 20]).Sample((a, b, n) =>
    {
        if (a.Equals(b) && Lists(a, n)) Assert.Equal(a.Expand(n), b.Expand(n));
        Assert.Equal(a.Equals(b), b.Equals(a));
        Assert.True(a.Equals(a));
    });

    [Fact]
    public void Different_kinds_are_different_even_where_their_numbers_agree()
    {
        Assert.NotEqual(PerFeature.All(1), PerFeature.Powers(1));
        Assert.NotEqual(PerFeature.All(1), PerFeature.Of(1, 1));
        Assert.NotEqual(PerFeature.All(1), PerFeature.Zipf(1, 0));
        Assert.NotEqual(PerFeature.Zipf(1, 0.5), PerFeature.Zipf(1, 1));
        Assert.NotEqual(PerFeature.Of(1, 0.5), PerFeature.Of(1, 0.25));
        Assert.False(PerFeature.All(1).Equals(null));
        Assert.False(PerFeature.All(1).Equals((object)1.0));
    }

    [Fact]
    public void A_number_is_the_same_for_all_and_powers_are_a_geometric_sequence() =>
        Gen.Select(Gen.Double[0, 1], Gen.Int[1, 100]).Sample((value, n) =>
        {
            Assert.All(((PerFeature)value).Expand(n), v => Assert.Equal(value, v));
            var powers = PerFeature.Powers(value).Expand(n);
            Assert.Equal(1, powers[0]);
            for (var i = 1; i < n; i++) Assert.Equal(powers[i - 1] * value, powers[i], 1e-12 * powers[i] + double.Epsilon * n);
        });

    [Fact]
    public void Zipfs_law_falls_by_the_same_factor_at_every_doubling_of_rank()
    {
        Assert.Equal([0.1, 0.05, 0.1 / 3, 0.025], PerFeature.Zipf(0.1, 1).Expand(4));
        Gen.Select(Gen.Double[0, 1], Gen.Double[0, 3]).Sample((first, exponent) =>
        {
            var values = PerFeature.Zipf(first, exponent).Expand(64);
            Assert.Equal(first, values[0]);
            for (var rank = 1; rank <= 32; rank++)
                Assert.Equal(values[rank - 1] * Math.Pow(2, -exponent), values[2 * rank - 1], 1e-14);
        });
    }

    [Fact]
    public void Changing_the_array_a_list_was_made_from_or_expanded_to_does_not_change_it()
    {
        double[] source = [1, 2];
        var list = PerFeature.Of(source);
        source[0] = 7;
        list.Expand(2)[1] = 7;
        Assert.Equal([1, 2], list.Expand(2));
    }

    [Fact]
    public void JSON_takes_a_number_an_array_powers_or_Zipfs_law()
    {
        Assert.Equal(PerFeature.All(0.05), Parse("0.05"));
        Assert.Equal(PerFeature.Of(1, 0.5), Parse("[1, 0.5]"));
        Assert.Equal(PerFeature.Powers(0.9), Parse("""{"powers": 0.9}"""));
        Assert.Equal(PerFeature.Zipf(0.1, 1), Parse("""{"zipf": [0.1, 1]}"""));
    }

    [Theory]
    [InlineData("\"half\"")]
    [InlineData("""{"power": 0.9}""")]
    [InlineData("""{"powers": 0.9, "count": 3}""")]
    [InlineData("""{"powers": [0.9]}""")]
    [InlineData("""{"zipf": 0.1}""")]
    [InlineData("""{"zipf": [0.1]}""")]
    [InlineData("""{"zipf": [0.1, 1, 2]}""")]
    [InlineData("""{"zipf": null}""")]
    [InlineData("{}")]
    [InlineData("[1, \"two\"]")]
    [InlineData("true")]
    public void JSON_of_any_other_form_is_refused(string json) => Assert.Throws<JsonException>(() => Parse(json));

    [Fact]
    public void A_list_of_another_length_than_the_features_is_refused_with_both_lengths()
    {
        var error = Assert.Throws<OptionsException>(() => PerFeature.Of(1, 2, 3).Expand(4));
        Assert.Contains("3 values", error.Message, StringComparison.Ordinal);
        Assert.Contains("expected 4", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(-0.1)]
    [InlineData(1.1)]
    [InlineData(double.PositiveInfinity)]
    public void A_number_out_of_range_is_named_with_its_feature_and_the_range(double wrong)
    {
        var problem = Assert.Single(PerFeature.Of(0.5, wrong).Problems("Density", 2, 0, 1));
        Assert.StartsWith("Density of feature 1 is", problem, StringComparison.Ordinal);
        Assert.Contains("[0, 1]", problem, StringComparison.Ordinal);
    }

    static bool Lists(PerFeature value, int n) => !value.LengthProblems("", n).Any();

    static PerFeature Parse(string json) => JsonSerializer.Deserialize<PerFeature>(json, OptionsJson.Settings)!;
}

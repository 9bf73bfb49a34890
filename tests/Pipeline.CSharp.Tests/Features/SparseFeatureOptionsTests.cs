using System.Text.Json;
using Microsoft.ML;
using Superposition.Features;
using Xunit;

namespace Superposition.Tests.Features;

public sealed class SparseFeatureOptionsTests
{
    [Fact]
    public void Every_problem_is_reported_at_once()
    {
        var error = Assert.Throws<OptionsException>(() => new MLContext().Data.SparseFeatures(new()
        {
            Features = 3,
            Density = PerFeature.Of(0.5, 1.5, 0.5),
            Rows = -1,
            Values = new UniformValues(1, 0),
            Seed = 1,
        }));
        Assert.Equal(3, error.Problems.Count);
        Assert.Contains(error.Problems, p => p.StartsWith("Rows is -1", StringComparison.Ordinal));
        Assert.Contains(error.Problems, p => p.StartsWith("Density of feature 1 is 1.5", StringComparison.Ordinal));
        Assert.Contains(error.Problems, p => p.Contains("uniform on [1, 0]", StringComparison.Ordinal));
        Assert.All(error.Problems, p => Assert.Contains(p, error.Message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-5)]
    public void A_world_without_features_is_refused(int features)
    {
        var error = Assert.Throws<OptionsException>(() =>
            new MLContext().Data.SparseFeatures(new() { Features = features, Density = 0.5, Seed = 1 }));
        Assert.Equal([$"Features is {features}; it must be at least 1."], error.Problems);
    }

    [Fact]
    public void Options_are_read_back_from_JSON_equal()
    {
        var world = new SparseFeatureOptions
        {
            Features = 3,
            Density = PerFeature.Powers(0.25),
            Rows = 1L << 40,
            Values = new UniformValues(-1, 1),
            Seed = long.MinValue,
        };
        var json = JsonSerializer.Serialize(world, OptionsJson.Settings);
        Assert.Equal(world, JsonSerializer.Deserialize<SparseFeatureOptions>(json, OptionsJson.Settings));
    }

    [Theory]
    [InlineData("""{"features": 3, "density": 0.5, "seed": 1, "sead": 2}""")]   // a misspelt key
    [InlineData("""{"features": 3, "density": 0.5}""")]                         // no seed
    [InlineData("""{"features": 3, "density": null, "seed": 1}""")]
    [InlineData("""{"features": 3, "density": 0.5, "values": null, "seed": 1}""")]
    [InlineData("""{"features": 3, "density": 0.5, "values": {"kind": "normal"}, "seed": 1}""")]
    public void JSON_with_a_wrong_missing_or_null_key_is_refused(string json) =>
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<SparseFeatureOptions>(json, OptionsJson.Settings));
}

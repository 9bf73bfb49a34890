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
    public void A_dependence_is_judged_with_the_rest_but_only_by_densities_that_are_right()
    {
        var world = new SparseFeatureOptions { Features = 2, Density = PerFeature.Of(0.6, 0.5), Rows = -1, Seed = 1, Dependence = new AnticorrelatedSets(2) };
        Assert.Equal(2, world.Problems().Count());
        Assert.Contains(world.Problems(), p => p.Contains("sum to 1.1", StringComparison.Ordinal));
        Assert.Single((world with { Rows = 1, Density = PerFeature.Of(0.6, 1.5) }).Problems());
        Assert.Single((world with { Rows = 1, Features = 3 }).Problems());
        Assert.Single((world with { Rows = 1, Features = 0 }).Problems());
    }

    public static TheoryData<FeatureValues, Dependence?> Worlds => new()
    {
        { new UniformValues(-1, 1), null },
        { new BinaryValues(), new CorrelatedSets(2, 1) },
        { new BinaryValues(2.5f), new AnticorrelatedSets(3) },
        { new DiscreteValues(-1, 0.1f, 7), new NestedFeatures(1, -1, 1) },
        { new ExponentialValues(0.3), new GaussianCopula([[1, 0.1, 0], [0.1, 1, -0.2], [0, -0.2, 1]]) },
    };

    [Theory]
    [MemberData(nameof(Worlds))]
    public void Options_are_read_back_from_JSON_equal(FeatureValues values, Dependence? dependence)
    {
        var world = new SparseFeatureOptions
        {
            Features = 3,
            Density = PerFeature.Powers(0.25),
            Rows = 1L << 40,
            Values = values,
            Dependence = dependence,
            Seed = long.MinValue,
        };
        var json = JsonSerializer.Serialize(world, OptionsJson.Settings);
        var read = JsonSerializer.Deserialize<SparseFeatureOptions>(json, OptionsJson.Settings)!;
        Assert.Equal(world, read);
        Assert.Equal(world.GetHashCode(), read.GetHashCode());
    }

    [Fact]
    public void A_recipe_names_a_dependence_by_its_kind()
    {
        Assert.Equal(new CorrelatedSets(2, 2), Parse("""{"kind": "correlatedSets", "sizes": [2, 2]}"""));
        Assert.Equal(new AnticorrelatedSets(2, 2), Parse("""{"kind": "anticorrelatedSets", "sizes": [2, 2]}"""));
        Assert.Equal(new NestedFeatures(-1, 0, 0), Parse("""{"kind": "nested", "parents": [-1, 0, 0]}"""));
        Assert.Equal(new GaussianCopula([[1, 0.5], [0.5, 1]]), Parse("""{"kind": "gaussianCopula", "correlation": [[1, 0.5], [0.5, 1]]}"""));

        static Dependence Parse(string json) => JsonSerializer.Deserialize<Dependence>(json, OptionsJson.Settings)!;
    }

    [Fact]
    public void Dependences_of_other_numbers_are_not_equal()
    {
        Assert.NotEqual(new CorrelatedSets(2, 2), new CorrelatedSets(2, 1));
        Assert.NotEqual(new AnticorrelatedSets(2, 2), new AnticorrelatedSets(2, 2, 1));
        Assert.NotEqual(new NestedFeatures(-1, 0), new NestedFeatures(1, -1));
        Assert.NotEqual(new GaussianCopula([[1, 0.5], [0.5, 1]]), new GaussianCopula([[1, 0.25], [0.25, 1]]));
        Assert.False(new CorrelatedSets(2, 2).Equals((Dependence)new AnticorrelatedSets(2, 2)));
    }

    [Theory]
    [InlineData("""{"features": 3, "density": 0.5, "seed": 1, "sead": 2}""")]   // a misspelt key
    [InlineData("""{"features": 3, "density": 0.5}""")]                         // no seed
    [InlineData("""{"features": 3, "density": null, "seed": 1}""")]
    [InlineData("""{"features": 3, "density": 0.5, "values": null, "seed": 1}""")]
    [InlineData("""{"features": 3, "density": 0.5, "values": {"kind": "normal"}, "seed": 1}""")]
    [InlineData("""{"features": 3, "density": 0.5, "dependence": {"kind": "sets", "sizes": [3]}, "seed": 1}""")]
    [InlineData("""{"features": 3, "density": 0.5, "dependence": {"kind": "correlatedSets", "sizes": null}, "seed": 1}""")]
    [InlineData("""{"features": 3, "density": 0.5, "dependence": {"kind": "correlatedSets"}, "seed": 1}""")]
    public void JSON_with_a_wrong_missing_or_null_key_is_refused(string json) =>
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<SparseFeatureOptions>(json, OptionsJson.Settings));
}

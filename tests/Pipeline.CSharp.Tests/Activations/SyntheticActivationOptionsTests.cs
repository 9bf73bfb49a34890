using System.Text.Json;
using Microsoft.ML;
using Superposition.Activations;
using Xunit;

namespace Superposition.Tests.Activations;

public sealed class SyntheticActivationOptionsTests
{
    [Fact]
    public void Every_problem_is_named_at_once()
    {
        var options = new SyntheticActivationOptions
        {
            Features = 0,
            Dimensions = 0,
            Rows = -1,
            Firing = new() { Exponent = 0, Highest = 2, Lowest = -1 },
            Hierarchy = new() { Roots = 0, Branching = 0, Depth = 0 },
            Correlation = new() { Rank = 0, Scale = double.NaN },
            Magnitudes = new() { First = double.NaN, Last = -1, SpreadMean = double.PositiveInfinity, SpreadDeviation = -1 },
            Dictionary = new() { OrthogonalSteps = -1, LearningRate = 0, BiasNorm = -1 },
            Seed = 1,
        };
        var problems = Assert.Throws<OptionsException>(() => new MLContext().Data.SyntheticActivations(options)).Problems;
        string[] starts =
        [
            "Features is 0", "Dimensions is 0", "Rows is -1", "Firing.Exponent is 0", "Firing.Highest is 2", "Firing.Lowest is -1",
            "Hierarchy.Roots is 0", "Hierarchy.Branching is 0", "Hierarchy.Depth is 0", "Correlation.Rank is 0", "Correlation.Scale is NaN",
            "Magnitudes.First is NaN", "Magnitudes.SpreadMean is ", "Magnitudes.SpreadDeviation is -1", "Magnitudes go from NaN to -1",
            "Dictionary.OrthogonalSteps is -1", "Dictionary.LearningRate is 0", "Dictionary.BiasNorm is -1",
        ];
        Assert.Equal(starts.Length, problems.Count);
        Assert.All(starts.Zip(problems), pair => Assert.StartsWith(pair.First, pair.Second, StringComparison.Ordinal));
    }

    [Fact]
    public void Trees_must_fit_and_the_lowest_probability_must_not_be_the_highest()
    {
        var options = SyntheticActivationOptions.Small with { Features = 679, Firing = new() { Highest = 0.1, Lowest = 0.2 } };
        Assert.Equal(
            [
                "Firing.Lowest is 0.2; it must be at most Highest, 0.1.",
                "Hierarchy of 8 trees with 4 children a feature and 3 levels below the roots needs more features than the 679 there are; make it smaller.",
            ],
            options.Problems());
        Assert.Empty((options with { Features = 680, Firing = new() }).Problems());
        Assert.Single((SyntheticActivationOptions.Small with { Hierarchy = new() { Depth = int.MaxValue } }).Problems());
    }

    [Fact]
    public void What_no_memory_holds_is_said_before_it_is_asked_for()
    {
        var large = new SyntheticActivationOptions { Features = 100_000_000, Dimensions = 100, Correlation = new(), Seed = 1 };
        Assert.Equal(["Features times Dimensions is 1e+10", "Features times Correlation.Rank is 2.5e+09"],
            large.Problems().Select(problem => problem.Split(';')[0]));
    }

    [Fact]
    public void The_presets_are_sound_and_survive_a_recipe()
    {
        foreach (var preset in new[] { SyntheticActivationOptions.SynthSaeBench16k, SyntheticActivationOptions.Small })
        {
            Assert.Empty(preset.Problems());
            var json = JsonSerializer.Serialize(preset, OptionsJson.Settings);
            Assert.Equal(preset, JsonSerializer.Deserialize<SyntheticActivationOptions>(json, OptionsJson.Settings));
        }
    }

    [Fact]
    public void The_small_preset_has_an_L0_of_7_3_of_which_5_6_in_the_first_quarter()
    {
        var world = new MLContext().Data.SyntheticActivations(SyntheticActivationOptions.Small);
        Assert.Equal(7.26, world.EffectiveL0(1024), 0.01);
        Assert.Equal(5.56, world.EffectiveL0(256), 0.01);
    }
}

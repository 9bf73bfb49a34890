using System.Text.Json;
using Microsoft.ML;
using Superposition.DataViews;
using Superposition.Features;
using Superposition.ToyModels;
using Superposition.Training;
using Xunit;

namespace Superposition.Tests.ToyModels;

public sealed class ToyModelOptionsTests
{
    static readonly MLContext Ml = new(seed: 1);
    static readonly SparseFeatureView World = new(new() { Features = 3, Density = 0.5, Rows = 100, Seed = 1 });

    [Fact]
    public void Every_problem_is_reported_at_once()
    {
        var options = new ToyModelOptions
        {
            Dimensions = 0,
            Instances = 0,
            Steps = 0,
            BatchSize = -1,
            HistoryEvery = 0,
            Serve = 2,
            Seed = 1,
            Importance = PerFeature.Of(1, -1, 1),
            Optimizer = new AdamWOptions { LearningRate = double.NaN, WeightDecay = -1 },
        };
        var error = Assert.Throws<OptionsException>(() => Ml.Transforms.ToyModel("A", "Features", options).Fit(World));
        Assert.Equal(
            ["Dimensions", "Instances", "Steps", "BatchSize", "HistoryEvery", "Serve", "Importance", "LearningRate", "WeightDecay"],
            error.Problems.Select(p => p.Split(' ')[0]));
        Assert.All(error.Problems, p => Assert.Contains(p, error.Message, StringComparison.Ordinal));
        Assert.StartsWith("ToyModelOptions: Dimensions is 0; it must be at least 1.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_does_not_go_together_is_said_in_sentences()
    {
        var options = new ToyModelOptions { Dimensions = 1, Seed = 1 };
        var pairs = new Target { Function = TargetFunction.Max };
        Assert.Equal(
            ["A tied model has an output a feature, 3; the target has 1. Set Tied to false."], (options with { Target = pairs }).Problems(3));
        Assert.Empty((options with { Target = pairs, Architecture = ToyArchitecture.Computing }).Problems(3));
        Assert.Equal(
            ["Importance lists 2 values; expected 1, one each."],
            (options with { Target = pairs, Architecture = ToyArchitecture.Computing, Importance = PerFeature.Of(1, 2) }).Problems(3));
        Assert.Equal(["Function Max takes pairs; there is 1 feature."], (options with { Target = pairs }).Problems(1));
        Assert.Equal(
            ["Cross-entropy takes logits; Output is Relu, it must be Identity."], (options with { Objective = Objective.CrossEntropy }).Problems(3));
        Assert.Empty((options with { Objective = Objective.CrossEntropy, Architecture = ToyArchitecture.Linear }).Problems(3));
        Assert.Equal(
            [
                "FirstInstance is -1; it must be at least 0.", "SnapshotEvery is -1; it must be at least 0.",
                "HiddenPenalty is -1; it must be at least 0.", "Dropout is 1; it must be in [0, 1).",
                "Objective is 5; it must be one of SquaredError, CrossEntropy.", "HiddenLayers is 0; it must be at least 1.",
            ],
            (options with
            {
                FirstInstance = -1,
                SnapshotEvery = -1,
                HiddenPenalty = -1,
                Dropout = 1,
                Objective = (Objective)5,
                Architecture = new() { HiddenLayers = 0 },
            }).Problems(3));
    }

    [Fact]
    public void Importances_for_another_number_of_features_are_refused()
    {
        var options = new ToyModelOptions { Dimensions = 1, Seed = 1, Importance = PerFeature.Of(1, 2) };
        var error = Assert.Throws<OptionsException>(() => Ml.Transforms.ToyModel("A", "Features", options).Fit(World));
        Assert.Equal(["Importance lists 2 values; expected 3, one each."], error.Problems);
    }

    [Fact]
    public void The_input_column_is_checked_before_anything_is_trained()
    {
        var options = new ToyModelOptions { Dimensions = 1, Seed = 1 };
        var missing = Assert.Throws<InputDataException>(() => Ml.Transforms.ToyModel("A", "Fatures", options).Fit(World));
        Assert.Equal(InputDataReason.MissingColumn, missing.Reason);
        var scalar = Assert.Throws<InputDataException>(() => Ml.Transforms.ToyModel("A", "Row", options).Fit(World));
        Assert.Equal(InputDataReason.WrongType, scalar.Reason);
    }

    [Theory]
    [InlineData("Reconstruction", "Features")]
    [InlineData("Features", "Features")]
    [InlineData("A", "Reconstruction")]
    public void Columns_of_one_name_are_refused_before_anything_is_trained(string output, string input)
    {
        // A saved stage is an ONNX graph, in which no two values have one name.
        var error = Assert.Throws<OptionsException>(() => Ml.Transforms.ToyModel(output, input, new() { Dimensions = 1, Seed = 1 }));
        Assert.Contains($"\"{(output == "A" ? input : output)}\"", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_are_read_back_from_JSON_equal()
    {
        var options = new ToyModelOptions
        {
            Dimensions = 3,
            Instances = 4,
            Seed = -5,
            Importance = PerFeature.Powers(0.9),
            Steps = 6,
            BatchSize = 7,
            HistoryEvery = 8,
            Serve = 2,
            FirstInstance = 9,
            SnapshotEvery = 3,
            Architecture = AnyToyModel.Architecture["deep and biased"],
            Target = new() { Function = TargetFunction.MaxAbsolute, AllPairs = true },
            Objective = Objective.CrossEntropy,
            HiddenPenalty = 0.5,
            Dropout = 0.25,
            Engine = ToyModelEngine.Autograd,
            Optimizer = new AdamWOptions { LearningRate = 0.01, Beta1 = 0.5, Beta2 = 0.75, Epsilon = 1e-6, WeightDecay = 0.25 },
        };
        var json = JsonSerializer.Serialize(options, OptionsJson.Settings);
        Assert.Equal(options, JsonSerializer.Deserialize<ToyModelOptions>(json, OptionsJson.Settings));
        Assert.DoesNotContain("progress", json, StringComparison.OrdinalIgnoreCase);
    }

    // Toy Models of Superposition's notebook: AdamW at 1e-3, batches of 1,024, 10,000 steps;
    // weight decay is 0 unless asked (design, decision 6).
    [Fact]
    public void Defaults_are_the_papers_notebooks_without_its_weight_decay()
    {
        var options = new ToyModelOptions { Dimensions = 2, Seed = 1 };
        Assert.Equal((10_000, 1024, PerFeature.All(1)), (options.Steps, options.BatchSize, options.Importance));
        Assert.Equal(
            new AdamWOptions { LearningRate = 1e-3, Beta1 = 0.9, Beta2 = 0.999, Epsilon = 1e-8, WeightDecay = 0 }, options.Optimizer);
    }
}

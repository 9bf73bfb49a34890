using Superposition.Features;
using Superposition.Storage;
using Superposition.Tests.Storage;
using Superposition.ToyModels;
using Superposition.Training;
using Xunit;

namespace Superposition.Tests.Cli;

public sealed class ToyVerbTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    [Fact]
    public void Options_make_the_recipe()
    {
        var tool = Tool.Run(
            "toy", "--features", "3", "--dimensions", "2", "--density", "1,0.5,0.25", "--importance", "0.9^i", "--instances", "2",
            "--steps", "2e1", "--batch", "8", "--learning-rate", "1e-2", "--weight-decay", "0.01", "--seed", "-7", "--rows", "500",
            "--run", folder["run"]);

        Assert.Equal((0, ""), (tool.Code, tool.Error));
        var recipe = ToyModelRun.Read(folder["run"]).Recipe;
        Assert.Equal(new SparseFeatureOptions { Features = 3, Density = PerFeature.Of(1, 0.5, 0.25), Rows = 500, Seed = -7 }, recipe.World);
        Assert.Equal(new ToyModelOptions
        {
            Dimensions = 2,
            Importance = PerFeature.Powers(0.9),
            Instances = 2,
            Steps = 20,
            BatchSize = 8,
            Seed = -7,
            Optimizer = new AdamWOptions { LearningRate = 1e-2, WeightDecay = 0.01 },
        }, recipe.Model);
    }

    [Fact]
    public void What_is_not_said_is_as_the_options_records_say()
    {
        Assert.Equal(0, Tool.Run(Tool.SmallToy(folder["run"])).Code);

        var recipe = ToyModelRun.Read(folder["run"]).Recipe;
        Assert.Equal(new SparseFeatureOptions { Features = 3, Density = 0.5, Seed = 1 }, recipe.World);
        Assert.Equal(new ToyModelOptions { Dimensions = 2, Seed = 1, Steps = 20, BatchSize = 8 }, recipe.Model);
    }

    [Fact]
    public void The_help_shows_the_defaults_of_the_options_records()
    {
        var help = Tool.Run("toy", "--help");
        var defaults = new ToyModelOptions { Dimensions = 1, Seed = 1 };

        Assert.Equal(0, help.Code);
        Assert.Contains($"[default: {defaults.Steps}]", help.Output);
        Assert.Contains($"[default: {defaults.BatchSize}]", help.Output);
        Assert.Contains($"[default: {defaults.Optimizer.LearningRate}]", help.Output);
        Assert.Contains("Examples:", help.Output);
        Assert.Contains("superposition toy recipe.json", help.Output);
        Assert.Contains("75 interrupted", help.Output);
    }

    [Fact]
    public void Options_override_a_recipe()
    {
        File.WriteAllText(folder["recipe.json"], """
            {
              "world": { "features": 3, "density": [1, 0.5, 0.25], "seed": 4 },   // by hand
              "model": { "dimensions": 2, "steps": 10, "batchSize": 4, "seed": 5 },
            }
            """);

        Assert.Equal(0, Tool.Run(
            "toy", folder["recipe.json"], "--steps", "12", "--density", "0.5", "--importance", "zipf:1,0.5", "--run", folder["run"]).Code);

        var recipe = ToyModelRun.Read(folder["run"]).Recipe;
        Assert.Equal(new SparseFeatureOptions { Features = 3, Density = 0.5, Seed = 4 }, recipe.World);
        Assert.Equal(
            new ToyModelOptions { Dimensions = 2, Importance = PerFeature.Zipf(1, 0.5), Steps = 12, BatchSize = 4, Seed = 5 }, recipe.Model);
    }

    [Fact]
    public void The_same_command_makes_the_same_bytes()
    {
        Assert.Equal(0, Tool.Run(Tool.SmallToy(folder["once"])).Code);
        Assert.Equal(0, Tool.Run(Tool.SmallToy(folder["again"])).Code);

        var (once, again) = (RunFolder.Open(folder["once"]), RunFolder.Open(folder["again"]));
        Assert.Equal(once.Files, again.Files);
    }

    public static TheoryData<string, ToyArchitecture> PaperModels => new()
    {
        { "relu-output", ToyArchitecture.ReluOutput }, { "linear", ToyArchitecture.Linear }, { "relu-hidden", ToyArchitecture.ReluHidden },
    };

    [Theory]
    [MemberData(nameof(PaperModels))]
    public void The_papers_models_have_names(string name, ToyArchitecture expected)
    {
        Assert.Equal(0, Tool.Run([.. Tool.SmallToy(folder["run"]), "--architecture", name]).Code);

        var recipe = ToyModelRun.Read(folder["run"]).Recipe;
        Assert.Equal(new ToyModelOptions { Dimensions = 2, Seed = 1, Steps = 20, BatchSize = 8, Architecture = expected }, recipe.Model);
        Assert.Equal(new SparseFeatureOptions { Features = 3, Density = 0.5, Seed = 1 }, recipe.World);
    }

    [Fact]
    public void Absolute_asks_for_absolute_values_of_what_may_be_negative_as_a_recipe_may_say_too()
    {
        File.WriteAllText(folder["recipe.json"], """
            {
              "world": { "features": 3, "density": 0.5, "values": { "kind": "uniform", "low": -1, "high": 1 }, "seed": 1 },
              "model": {
                "dimensions": 2, "architecture": { "tied": false, "hidden": "relu" }, "target": { "function": "absolute" },
                "steps": 20, "batchSize": 8, "seed": 1
              }
            }
            """);

        Assert.Equal((0, ""), Said(Tool.Run([.. Tool.SmallToy(folder["named"]), "--architecture", "absolute"])));
        Assert.Equal((0, ""), Said(Tool.Run("toy", folder["recipe.json"], "--run", folder["written"])));

        var (named, written) = (ToyModelRun.Read(folder["named"]), ToyModelRun.Read(folder["written"]));
        Assert.Equal(ToyArchitecture.Computing, named.Recipe.Model.Architecture);
        Assert.Equal(new Target { Function = TargetFunction.Absolute }, named.Recipe.Model.Target);
        Assert.Equal(new UniformValues(-1, 1), named.Recipe.World.Values);
        Assert.Equal(named.Recipe, written.Recipe);
        Assert.Equal(RunFolder.Open(folder["named"]).Files, RunFolder.Open(folder["written"]).Files);
        Assert.Contains("decoder", Tool.Run("show", folder["named"]).Output);
        static (int, string) Said(Tool tool) => (tool.Code, tool.Error);
    }

    [Fact]
    public void The_help_names_the_architectures_and_the_default()
    {
        var help = Tool.Run("toy", "--help").Output.ReplaceLineEndings(" ");
        foreach (var name in new[] { "relu-output", "linear", "relu-hidden", "absolute" }) Assert.Contains(name, help);
        Assert.Contains("[default: relu-output]", help);
    }

    const string EachFeature =
        "--importance: expected a number, powers such as 0.9^i, a power law such as zipf:0.1,1, or a list such as 1,0.5,0.25, found ";

    [Theory]
    [InlineData("--steps", "many", "--steps: expected a whole number such as 1000 or 5e6, found \"many\".")]
    [InlineData("--steps", "1.5", "--steps: expected a whole number such as 1000 or 5e6, found \"1.5\".")]
    [InlineData("--learning-rate", "fast", "--learning-rate: expected a number such as 0.001 or 1e-3, found \"fast\".")]
    [InlineData("--architecture", "cubic", "--architecture: expected one of relu-output, linear, relu-hidden, absolute, found \"cubic\".")]
    [InlineData("--importance", "x^i", EachFeature + "\"x^i\".")]
    [InlineData("--importance", "zipf:1", EachFeature + "\"zipf:1\".")]
    [InlineData("--importance", "zipf:1,x", EachFeature + "\"zipf:1,x\".")]
    public void A_value_that_is_none_is_refused_in_words(string option, string value, string expected)
    {
        var tool = Tool.Run([.. Tool.SmallToy(folder["run"])[..^6], option, value, "--run", folder["run"]]);

        Assert.Equal(2, tool.Code);
        Assert.Contains(expected, tool.Error);
        Assert.Empty(folder.Names());
    }

    [Fact]
    public void Without_a_recipe_all_that_is_missing_is_named_at_once()
    {
        var tool = Tool.Run("toy");

        Assert.Equal(2, tool.Code);
        foreach (var option in new[] { "--features", "--dimensions", "--density", "--run" }) Assert.Contains(option, tool.Error);
    }

    [Fact]
    public void Options_that_cannot_be_used_are_all_named_and_nothing_is_written()
    {
        var tool = Tool.Run("toy", "--features", "3", "--dimensions", "0", "--density", "0.5", "--steps", "0", "--run", folder["run"]);

        Assert.Equal(2, tool.Code);
        Assert.Contains("Dimensions is 0", tool.Error);
        Assert.Contains("Steps is 0", tool.Error);
        Assert.Empty(folder.Names());
    }

    [Fact]
    public void A_training_that_diverges_fails_and_leaves_its_last_good_state()
    {
        var tool = Tool.Run([.. Tool.SmallToy(folder["run"]), "--learning-rate", "1e30"]);

        Assert.Equal(1, tool.Code);
        Assert.StartsWith("superposition: DivergenceException: ", tool.Error);
        Assert.Single(tool.Error.Trim().Split('\n'));
        Assert.Equal(RunStatus.Diverged, RunFolder.Open(folder["run"]).Status);
        Assert.Equal(["run"], folder.Names());
    }

    [Fact]
    public void A_run_is_replaced_only_when_asked_to()
    {
        Assert.Equal(0, Tool.Run(Tool.SmallToy(folder["run"])).Code);

        var refused = Tool.Run(Tool.SmallToy(folder["run"]));
        Assert.Equal(2, refused.Code);
        Assert.Contains("TargetExists", refused.Error);
        Assert.Equal(0, Tool.Run([.. Tool.SmallToy(folder["run"]), "--overwrite"]).Code);
        Assert.Equal(["run"], folder.Names());
    }

    public void Dispose() => folder.Dispose();
}

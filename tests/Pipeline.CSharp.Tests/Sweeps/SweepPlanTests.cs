using System.Text.Json;
using Superposition.Autoencoders;
using Superposition.Sweeps;
using Superposition.ToyModels;
using Xunit;

namespace Superposition.Tests.Sweeps;

public sealed class SweepPlanTests
{
    static readonly SweepPlan Plan = SmallSweep.Plan;

    [Fact]
    public void The_last_axis_is_the_fastest_and_fields_of_a_list_go_together()
    {
        Assert.Equal(24, Plan.Cells());
        var recipes = Enumerable.Range(0, 24).Select(Toys).ToArray();
        Assert.Equal(Enumerable.Range(0, 24).Select(cell => 1 + cell / 8), recipes.Select(recipe => recipe.Model.Dimensions));
        Assert.Equal(Enumerable.Range(0, 24).Select(cell => 5L + cell / 4 % 2), recipes.Select(recipe => recipe.Model.Seed));
        Assert.All(recipes, recipe => Assert.Equal(recipe.Model.Seed == 5 ? 0.1 : 0.2, recipe.World.Density.Expand(4)[0]));
        Assert.Equal(recipes[0].Model.Optimizer.LearningRate, recipes[4].Model.Optimizer.LearningRate);
    }

    static ToyModelRecipe Toys(int cell) => (ToyModelRecipe)Plan.Recipe(cell);

    [Fact]
    public void Draws_lie_in_their_interval_all_different()
    {
        var rates = Enumerable.Range(0, 4).Select(cell => Toys(cell).Model.Optimizer.LearningRate).ToArray();
        Assert.All(rates, rate => Assert.InRange(rate, 1e-4, 1e-2));
        Assert.Equal(4, rates.Distinct().Count());
    }

    [Fact]
    public void A_plan_read_back_has_the_same_hash_and_any_change_another()
    {
        var read = JsonSerializer.Deserialize<SweepPlan>(JsonSerializer.Serialize(Plan, OptionsJson.Settings), OptionsJson.Settings)!;
        Assert.Equal(Plan.Hash(), read.Hash());
        Assert.NotEqual(Plan.Hash(), (Plan with { Axes = [.. Plan.Axes.Reverse()] }).Hash());
        Assert.NotEqual(Plan.Hash(), (Plan with { Base = SmallSweep.Toys with { World = SmallSweep.Toys.World with { Seed = 9 } } }).Hash());
    }

    [Fact]
    public void A_plan_of_autoencoders_is_told_from_one_of_toy_models_by_its_keys()
    {
        var json = JsonSerializer.Serialize(SmallSweep.Autoencoders, OptionsJson.Settings);
        var read = JsonSerializer.Deserialize<SweepPlan>(json, OptionsJson.Settings)!;
        Assert.Equal(SmallSweep.Autoencoders.Base, read.Base);
        Assert.Equal(SmallSweep.Autoencoders.Hash(), read.Hash());
        Assert.Equal([typeof(TopKOptions), typeof(TopKOptions), typeof(L1Options)],
            Enumerable.Range(0, 3).Select(cell => ((SparseAutoencoderRecipe)read.Recipe(cell)).Autoencoder.GetType()));
    }

    [Fact]
    public void A_file_that_is_not_there_is_named_once_before_anything_is_trained()
    {
        var plan = SmallSweep.Autoencoders with
        {
            Base = SmallSweep.Autoencoder with { Activations = new() { Npy = "not-there.npy" } },
            Axes = [new GridAxis { Field = "autoencoder.k", Values = [.. JsonSerializer.Deserialize<JsonElement[]>("[1, 2]")!] }],
        };
        var error = Assert.Throws<OptionsException>(plan.Check);
        Assert.Equal(["Cell 0 (autoencoder.k = 1): expected a file or folder \"not-there.npy\", found none."], error.Problems);
    }

    [Fact]
    public void Every_problem_of_the_axes_is_named_at_once()
    {
        var error = Assert.Throws<OptionsException>(() => (Plan with
        {
            Axes =
            [
                new GridAxis { Field = "model.dimension", Values = [] },
                new RandomAxis { Field = "world.density", Low = 0, High = -1, Count = 0, Logarithmic = true, Seed = 1 },
                Plan.Axes[1],
            ],
        }).Check());
        Assert.Contains(error.Problems, problem => problem.StartsWith("Axis 0: Values is empty", StringComparison.Ordinal));
        Assert.Contains(error.Problems, problem => problem.Contains("the nearest are \"model.dimensions\"", StringComparison.Ordinal));
        Assert.Contains(error.Problems, problem => problem.StartsWith("Axis 1: Count is 0", StringComparison.Ordinal));
        Assert.Contains(error.Problems, problem => problem.StartsWith("Axis 1: Low is 0 and High is -1", StringComparison.Ordinal));
        Assert.Contains(error.Problems, problem => problem.StartsWith("Axis 1: Low is 0; on a logarithmic", StringComparison.Ordinal));
        Assert.Contains(error.Problems, problem => problem.StartsWith("Axis 2: world.density is varied already", StringComparison.Ordinal));
    }

    [Fact]
    public void A_value_that_no_recipe_takes_is_named_with_its_cell()
    {
        var error = Assert.Throws<OptionsException>(() => (Plan with
        {
            Axes = [new GridAxis { Field = "model.dimensions", Values = [.. JsonSerializer.Deserialize<JsonElement[]>("""[2, 0, "two"]""")!] }],
        }).Check());
        Assert.Equal(
            ["Cell 1 (model.dimensions = 0): Dimensions is 0; it must be at least 1.", "Cell 2 (model.dimensions = \"two\"): this is not what a recipe takes. The JSON value could not be converted to System.Int32."],
            error.Problems);
    }
}

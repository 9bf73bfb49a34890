using System.Text.Json;
using Superposition.Sweeps;
using Xunit;

namespace Superposition.Tests.Sweeps;

public sealed class SweepPlanTests
{
    static readonly SweepPlan Plan = SmallSweep.Plan;

    [Fact]
    public void The_last_axis_is_the_fastest_and_fields_of_a_list_go_together()
    {
        Assert.Equal(24, Plan.Cells());
        var recipes = Enumerable.Range(0, 24).Select(cell => Plan.Recipe(cell)).ToArray();
        Assert.Equal(Enumerable.Range(0, 24).Select(cell => 1 + cell / 8), recipes.Select(recipe => recipe.Model.Dimensions));
        Assert.Equal(Enumerable.Range(0, 24).Select(cell => 5L + cell / 4 % 2), recipes.Select(recipe => recipe.Model.Seed));
        Assert.All(recipes, recipe => Assert.Equal(recipe.Model.Seed == 5 ? 0.1 : 0.2, recipe.World.Density.Expand(4)[0]));
        Assert.Equal(recipes[0].Model.Optimizer.LearningRate, recipes[4].Model.Optimizer.LearningRate);
    }

    [Fact]
    public void Draws_lie_in_their_interval_all_different()
    {
        var rates = Enumerable.Range(0, 4).Select(cell => Plan.Recipe(cell).Model.Optimizer.LearningRate).ToArray();
        Assert.All(rates, rate => Assert.InRange(rate, 1e-4, 1e-2));
        Assert.Equal(4, rates.Distinct().Count());
    }

    [Fact]
    public void A_plan_read_back_has_the_same_hash_and_any_change_another()
    {
        var read = JsonSerializer.Deserialize<SweepPlan>(JsonSerializer.Serialize(Plan, OptionsJson.Settings), OptionsJson.Settings)!;
        Assert.Equal(Plan.Hash(), read.Hash());
        Assert.NotEqual(Plan.Hash(), (Plan with { Axes = [.. Plan.Axes.Reverse()] }).Hash());
        Assert.NotEqual(Plan.Hash(), (Plan with { Base = Plan.Base with { World = Plan.Base.World with { Seed = 9 } } }).Hash());
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
            ["Cell 1 (model.dimensions = 0): Dimensions is 0; it must be at least 1.", "Cell 2: model.dimensions = \"two\" is not what a recipe takes."],
            error.Problems);
    }
}

using Superposition.Tests.Storage;
using Xunit;

namespace Superposition.Tests.Cli;

public sealed class RecipeFileTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    [Theory]
    [InlineData("{\n  \"world\": { \"features\": 3,\n    \"density\": \"often\", \"seed\": 1 }\n}", "line 3, $.world.density")]
    [InlineData("{\n  \"world\": { \"featurs\": 3 }\n}", "featurs")]
    [InlineData("{ \"world\": { \"features\": 3 } }", "density")]
    [InlineData("{ \"world\": ", "line 1")]
    [InlineData("null", "expected a recipe, found null")]
    public void A_recipe_that_is_none_is_bad_input_with_its_place(string json, string expected)
    {
        File.WriteAllText(folder["recipe.json"], json);

        var tool = Tool.Run("toy", folder["recipe.json"], "--run", folder["run"]);

        Assert.Equal(2, tool.Code);
        Assert.StartsWith($"superposition: {folder["recipe.json"]}", tool.Error);
        Assert.Contains(expected, tool.Error);
        Assert.Single(tool.Error.Trim().Split('\n'));
        Assert.Equal(["recipe.json"], folder.Names());
    }

    [Fact]
    public void A_recipe_without_its_architecture_is_bad_input()
    {
        File.WriteAllText(folder["recipe.json"], """{ "activations": {}, "autoencoder": { "latents": 3, "seed": 1 } }""");

        var tool = Tool.Run("sae", folder["recipe.json"], "--run", folder["run"]);

        Assert.Equal(2, tool.Code);
        Assert.Contains("type discriminator", tool.Error);
    }

    [Fact]
    public void A_recipe_that_is_not_there_is_bad_input()
    {
        var tool = Tool.Run("toy", folder["none.json"], "--run", folder["run"]);

        Assert.Equal(2, tool.Code);
        Assert.Contains("none.json", tool.Error);
    }

    public void Dispose() => folder.Dispose();
}

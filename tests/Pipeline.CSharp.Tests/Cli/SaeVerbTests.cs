using Superposition.Autoencoders;
using Superposition.Storage;
using Superposition.Tests.Models;
using Superposition.Tests.Storage;
using Superposition.Training;
using Xunit;

namespace Superposition.Tests.Cli;

public sealed class SaeVerbTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    [Fact]
    public void A_toy_model_s_activations_are_coded_by_TopK()
    {
        Assert.Equal(0, Tool.Run(Tool.SmallToy(folder["toy"])).Code);

        var tool = Sae("--toy", folder["toy"], "--k", "1");

        Assert.Equal((0, ""), (tool.Code, tool.Error));
        var run = SparseAutoencoderRun.Read(folder["run"]);
        Assert.Equal((2, 4), (run.Autoencoder.Dimensions, run.Autoencoder.Latents));
        Assert.Equal(new TopKOptions { Latents = 4, K = 1, Samples = 64, BatchSize = 8, Seed = 1 }, run.Recipe.Autoencoder);
        Assert.Contains("explained variance", tool.Output);
    }

    [Fact]
    public void An_array_s_rows_are_coded_by_L1()
    {
        WriteArray("rows.npy", 1, 2, -1, 3, 0.5f, -2);
        File.WriteAllLines(folder["words.txt"], ["one", "two", "three"]);

        var tool = Sae("--npy", folder["rows.npy"], "--words", folder["words.txt"], "--l1", "0.25", "--seed", "9");

        Assert.Equal((0, ""), (tool.Code, tool.Error));
        var recipe = SparseAutoencoderRun.Read(folder["run"]).Recipe;
        Assert.Equal(new() { Npy = folder["rows.npy"], Words = folder["words.txt"] }, recipe.Activations);
        Assert.Equal(new L1Options { Latents = 4, Coefficient = 0.25, Samples = 64, BatchSize = 8, Seed = 9 }, recipe.Autoencoder);
    }

    [Fact]
    public void A_language_model_s_activations_are_coded_and_what_is_lost_is_said()
    {
        string[] source = ["--model", Stories.Folder, "--hook", "blocks.1.mlp.hook_post", "--tokens", "600"];
        var tool = Sae([.. source, "--k", "2"]);

        Assert.Equal((0, ""), (tool.Code, tool.Error));
        var run = SparseAutoencoderRun.Read(folder["run"]);
        Assert.Equal(new() { Model = Stories.Folder, Hook = "blocks.1.mlp.hook_post", Tokens = 600, Seed = 1 }, run.Recipe.Activations.Model);
        Assert.Equal(172, run.Autoencoder.Dimensions);

        var from = Tool.Run(["sae", "--from", folder["run"], .. source]);
        Assert.Equal((0, ""), (from.Code, from.Error));
        Assert.Contains("597 tokens: loss ", from.Output);   // three windows, of which the first tokens are not predicted
        Assert.Contains("over the mean", from.Output);
    }

    [Theory]
    [InlineData("The nearest is \"blocks.1.hook_resid_mid\"", "--hook", "blocks.1.hook_resid_mit")]
    [InlineData("There is no hook point \"\"")]
    [InlineData("Tokens is 0", "--hook", "hook_embed", "--tokens", "0")]
    public void A_point_that_is_not_there_is_refused_before_any_text_is_drawn(string expected, params string[] given)
    {
        var tool = Sae(["--model", Stories.Folder, "--k", "2", .. given]);
        Assert.Equal(2, tool.Code);
        Assert.Contains(expected, tool.Error);
        Assert.False(Directory.Exists(folder["run"]));
    }

    [Fact]
    public void Shards_are_coded_by_their_folder_and_those_of_different_width_leave_nothing_behind()
    {
        Directory.CreateDirectory(folder["shards"]);
        Safetensors.Write(folder["shards/1.safetensors"], [new("x", StoredArray.Of([1f, 2], 1, 2)), new("y", StoredArray.Of([-1f, 3], 1, 2))]);
        Safetensors.Write(folder["shards/2.safetensors"], [new("x", StoredArray.Of([1f, 2, 3], 1, 3)), new("y", StoredArray.Of([0.5f, -2], 1, 2))]);

        var refused = Sae("--npy", folder["shards"], "--tensor", "x", "--k", "1");

        Assert.Equal(2, refused.Code);
        Assert.Contains("expected rows of 2 numbers", refused.Error);
        Assert.Equal(["shards"], folder.Names());

        var tool = Sae("--npy", folder["shards"], "--tensor", "y", "--k", "1");

        Assert.Equal((0, ""), (tool.Code, tool.Error));
        Assert.Equal(new() { Npy = folder["shards"], Tensor = "y" }, SparseAutoencoderRun.Read(folder["run"]).Recipe.Activations);
    }

    [Fact]
    public void Any_architecture_is_trained_for_an_L0()
    {
        WriteArray("rows.npy", 1, 2, -1, 3, 0.5f, -2);

        var tool = Sae("--npy", folder["rows.npy"], "--architecture", "matryoshka", "--l0", "1.5");

        Assert.Equal((0, ""), (tool.Code, tool.Error));
        var options = Assert.IsType<MatryoshkaOptions>(SparseAutoencoderRun.Read(folder["run"]).Recipe.Autoencoder);
        Assert.Equal((4, 1.5, 64L, 8), (options.Latents, options.K, options.Samples, options.BatchSize));
        Assert.Equal([2, 4], options.Widths);
    }

    [Fact]
    public void Options_override_a_recipe()
    {
        WriteArray("rows.npy", 1, 2, -1, 3, 0.5f, -2);
        WriteRecipe("topk", "\"k\": 1");

        var tool = Tool.Run(
            "sae", folder["recipe.json"], "--npy", folder["rows.npy"], "--k", "2", "--learning-rate", "0.01", "--run", folder["run"]);

        Assert.Equal((0, ""), (tool.Code, tool.Error));
        var recipe = SparseAutoencoderRun.Read(folder["run"]).Recipe;
        Assert.Equal(
            new TopKOptions { Latents = 3, K = 2, Seed = 2, Samples = 16, BatchSize = 8, Optimizer = new AdamWOptions { LearningRate = 0.01 } },
            recipe.Autoencoder);
    }

    [Fact]
    public void K_does_not_go_with_an_L1_recipe()
    {
        WriteRecipe("l1", "\"coefficient\": 1");

        var tool = Tool.Run("sae", folder["recipe.json"], "--k", "2", "--run", folder["run"]);

        Assert.Equal(2, tool.Code);
        Assert.Contains("--k: expected a recipe of TopKOptions, found L1Options.", tool.Error);
    }

    [Theory]
    [InlineData("Expected --toy, --npy or --model, or a recipe that says it; found none.", "--k", "1")]
    [InlineData("Expected --toy, --npy or --model, found 2 of them.", "--toy", "a", "--npy", "b", "--k", "1")]
    [InlineData("Expected --architecture and --l0 together, found one of them.", "--npy", "b", "--architecture", "topk")]
    [InlineData("Expected --k, --l1 or --architecture, found 2 of them.", "--npy", "b", "--k", "1", "--l1", "1")]
    [InlineData("Expected --k, --l1 or --architecture, or a recipe that says it; found none.", "--npy", "b")]
    public void One_source_and_one_architecture_are_asked_for(string expected, params string[] given)
    {
        var tool = Sae(given);

        Assert.Equal(2, tool.Code);
        Assert.Contains(expected, tool.Error);
    }

    [Fact]
    public void An_array_that_is_not_there_is_bad_input()
    {
        var tool = Sae("--npy", folder["missing.npy"], "--k", "1");

        Assert.Equal(2, tool.Code);
        Assert.Contains("missing.npy", tool.Error);
        Assert.Empty(folder.Names());
    }

    [Fact]
    public void An_array_with_a_hole_is_bad_input_and_nothing_is_written()
    {
        WriteArray("rows.npy", 1, 2, -1, float.NaN, 0.5f, -2);

        var tool = Sae("--npy", folder["rows.npy"], "--k", "1");

        Assert.Equal(2, tool.Code);
        Assert.StartsWith("superposition: InputDataException: ", tool.Error);
        Assert.Equal(["rows.npy"], folder.Names());
    }

    Tool Sae(params string[] more) =>
        Tool.Run(["sae", "--latents", "4", "--samples", "64", "--batch", "8", .. more, "--run", folder["run"]]);

    void WriteRecipe(string architecture, string own) => File.WriteAllText(folder["recipe.json"], $$"""
        {
          "activations": { "npy": "elsewhere.npy" },
          "autoencoder": { "architecture": "{{architecture}}", {{own}}, "latents": 3, "seed": 2, "samples": 16, "batchSize": 8 }
        }
        """);

    // [rows, 2] as numpy saves it: magic, version 1.0, a header padded to 64 bytes, then the numbers.
    void WriteArray(string name, params float[] values)
    {
        var header = $"{{'descr': '<f4', 'fortran_order': False, 'shape': ({values.Length / 2}, 2), }}".PadRight(117) + "\n";
        using var file = new BinaryWriter(File.Create(folder[name]));
        file.Write([0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y', 1, 0, 118, 0]);
        file.Write(System.Text.Encoding.ASCII.GetBytes(header));
        foreach (var value in values) file.Write(value);
    }

    public void Dispose() => folder.Dispose();
}

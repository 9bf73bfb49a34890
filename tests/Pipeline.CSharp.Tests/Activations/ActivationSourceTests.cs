using System.Text.Json;
using Microsoft.ML;
using Superposition.Activations;
using Superposition.DataViews;
using Superposition.Storage;
using Superposition.Tests.Storage;
using Superposition.ToyModels;
using Xunit;

namespace Superposition.Tests.Activations;

public sealed class ActivationSourceTests : IDisposable
{
    readonly MLContext ml = new(seed: 1);
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_toy_run_gives_the_activations_of_its_best_instance_on_its_own_world()
    {
        var recipe = new ToyModelRecipe
        {
            World = new() { Features = 6, Density = 0.4, Rows = 300, Seed = 5 },
            Model = new() { Dimensions = 3, Instances = 3, Seed = 2, Steps = 50, BatchSize = 20 },
        };
        var best = ToyModelRun.Train(recipe, folder["toy"]).Instances.MinBy(m => m.Loss)!;
        var view = new ActivationSource { Toy = folder["toy"] }.Open(ml, cancellation: TestContext.Current.CancellationToken);
        var (rows, activations) = (ml.Data.SparseFeatures(recipe.World).Vectors("Features"), view.Vectors("Activations"));
        Assert.Equal(300, activations.Length);
        for (var r = 0; r < 300; r++)
            for (var c = 0; c < 3; c++)
                Assert.Equal(Enumerable.Range(0, 6).Sum(i => (double)best.W[i, c] * rows[r][i]), activations[r][c], 1e-5);
    }

    [Fact]
    public void An_array_and_its_words_are_opened_by_their_paths()
    {
        NpyFile.Write(folder["x.npy"], [1, 2, 3, 4], 2, 2);
        File.WriteAllLines(folder["words.txt"], ["a", "b"]);
        using var view = Assert.IsType<ActivationView>(new ActivationSource { Npy = folder["x.npy"], Words = folder["words.txt"] }.Open(ml, cancellation: TestContext.Current.CancellationToken));
        Assert.Equal([[1f, 2], [3, 4]], view.Vectors("Activations"));
        Assert.Equal(["a", "b"], view.Words!);
    }

    [Fact]
    public void Shards_are_opened_by_their_folder_and_a_tensor_by_its_name()
    {
        Directory.CreateDirectory(folder["shards"]);
        foreach (var shard in new[] { 1, 2 })
            Safetensors.Write(Path.Combine(folder["shards"], $"{shard}.safetensors"),
                [new("x", StoredArray.Of([shard, 0f], 1, 2)), new("y", StoredArray.Of([shard, 1f], 1, 2))]);
        using var view = Assert.IsType<ActivationView>(new ActivationSource { Npy = folder["shards"], Tensor = "y" }.Open(ml, cancellation: TestContext.Current.CancellationToken));
        Assert.Equal([[1f, 1], [2, 1]], view.Vectors("Activations"));
    }

    [Fact]
    public void A_model_may_stand_between_the_rows_and_the_activations()
    {
        NpyFile.Write(folder["x.npy"], [1, -2, -3, 4], 2, 2);
        var graph = new OnnxGraph();
        graph.Input("x", 2);
        graph.Node("Relu", ["x"], "hidden");
        graph.Node("Neg", ["hidden"], "y");
        graph.Output("y", 2);
        File.WriteAllBytes(folder["model.onnx"], graph.ToModel());
        var recipe = JsonSerializer.Serialize(new ActivationSource
        {
            Npy = folder["x.npy"],
            Onnx = new() { Model = folder["model.onnx"], Tensor = "hidden", Inputs = new Dictionary<string, string> { ["x"] = "Activations" } },
        }, OptionsJson.Settings);
        var source = JsonSerializer.Deserialize<ActivationSource>(recipe, OptionsJson.Settings)!;
        using var view = Assert.IsType<OnnxActivationView>(source.Open(ml, cancellation: TestContext.Current.CancellationToken));
        Assert.Equal([[1f, 0], [0, 4]], view.Vectors("Activations"));
        Assert.Throws<OnnxModelException>(() => (source with { Onnx = source.Onnx! with { Tensor = "hiden" } }).Open(ml, cancellation: TestContext.Current.CancellationToken));
    }

    [Fact]
    public void A_synthetic_world_is_drawn_when_read()
    {
        var world = SyntheticActivationOptions.Small with { Rows = 10, Dictionary = new() { OrthogonalSteps = 0 } };
        var view = Assert.IsType<SyntheticActivations>(new ActivationSource { Synthetic = world }.Open(ml, cancellation: TestContext.Current.CancellationToken));
        Assert.Equal(world, view.World);
        Assert.Equal(10, view.Vectors("Activations").Length);
    }

    [Fact]
    public void Exactly_one_source_is_named()
    {
        string[] Problems(ActivationSource source) => [.. Assert.Throws<OptionsException>(() => source.Open(ml, cancellation: TestContext.Current.CancellationToken)).Problems];
        Assert.Single(Problems(new()));
        Assert.Single(Problems(new() { Toy = "a", Npy = "b" }));
        Assert.Single(Problems(new() { Npy = "a", Synthetic = SyntheticActivationOptions.Small }));
        Assert.Single(Problems(new() { Synthetic = SyntheticActivationOptions.Small with { Rows = -1 } }));
        Assert.Single(Problems(new() { Toy = "a", Words = "c" }));
        Assert.Single(Problems(new() { Toy = "a", Tensor = "c" }));
        Assert.Single(Problems(new() { Toy = "a", Onnx = new() { Model = "m", Tensor = "t", BatchSize = 0 } }));
        Assert.Equal(2, Problems(new() { Words = "c" }).Length);
    }

    [Fact]
    public void A_folder_that_holds_no_toy_run_is_refused() => Assert.Equal(RunFolderReason.NotARunFolder,
        Assert.Throws<RunFolderException>(() => new ActivationSource { Toy = folder["nothing"] }.Open(ml, cancellation: TestContext.Current.CancellationToken)).Reason);

    [Fact]
    public void A_recipe_names_only_what_is_given()
    {
        var source = new ActivationSource { Npy = "x.npy" };
        Assert.Equal(source, JsonSerializer.Deserialize<ActivationSource>(JsonSerializer.Serialize(source, OptionsJson.Settings), OptionsJson.Settings));
        Assert.Equal(source, JsonSerializer.Deserialize<ActivationSource>("""{"npy": "x.npy"}""", OptionsJson.Settings));
        // What a checkpoint of an earlier version is compared with has neither.
        Assert.DoesNotContain("tensor", JsonSerializer.Serialize(source, OptionsJson.Settings), StringComparison.Ordinal);
        Assert.DoesNotContain("onnx", JsonSerializer.Serialize(source, OptionsJson.Settings), StringComparison.Ordinal);
    }
}

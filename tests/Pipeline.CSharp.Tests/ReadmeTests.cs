using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.ML;
using Superposition.Autoencoders;
using Superposition.Models;
using Superposition.Sweeps;
using Xunit;

namespace Superposition.Tests;

public sealed class ReadmeTests
{
    [Fact]
    public void The_code_in_the_README_is_compiled_here()
    {
        var source = SourcePath();
        var readme = Path.Combine(Path.GetDirectoryName(source)!, "..", "..", "README.md");
        string[] shown = [.. File.ReadAllText(readme).Split("```csharp").Skip(1).Select(block => block.Split("```")[0])];
        var compiled = File.ReadAllText(source).Split("static void Pipeline()")[^1].Split('\n').Select(Code).ToArray();
        Assert.Equal(3, shown.Length);
        foreach (var block in shown)
            Assert.All(block.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Code), line => Assert.Contains(line, compiled));

        static string Code(string line) => line.Split("   //")[0].Trim();
    }

    [Fact]
    public void The_plan_in_the_README_can_be_swept()
    {
        var readme = Path.Combine(Path.GetDirectoryName(SourcePath())!, "..", "..", "README.md");
        var shown = File.ReadAllText(readme).Split("```json")[1].Split("```")[0];
        var plan = JsonSerializer.Deserialize<SweepPlan>(shown, OptionsJson.Settings)!;
        plan.Check();
        Assert.Equal(3 * 2 * 4, plan.Cells());
    }

    static string SourcePath([CallerFilePath] string path = "") => path;

    // Not run: with its defaults it trains for minutes. The autoencoder tests run such a chain at a smaller size.
    static void Pipeline()
    {
        var ml = new MLContext(seed: 1);
        var world = ml.Data.SparseFeatures(new() { Features = 64, Density = 0.02, Rows = 10_000_000, Seed = 1 });

        var model = ml.Transforms.ToyModel("Activations", "Features", new() { Dimensions = 32, Instances = 10, Seed = 2 })
            .Append(ml.Transforms.SparseAutoencoder("Latents", "Activations", new TopKOptions { Latents = 64, K = 3, Seed = 3 }))
            .Fit(world);

        ml.Model.Save(model, world.Schema, "superposition.zip");
    }

    static void Autoencoders(IDataView activations)
    {
        SparseAutoencoderOptions[] all =
        [
            new BatchTopKOptions { Latents = 1024, K = 12, Seed = 1 },
            new MatryoshkaOptions { Latents = 1024, K = 12, Widths = [32, 128, 512, 1024], Seed = 1 },
            new JumpReluOptions { Latents = 1024, TargetL0 = 12, Seed = 1 },
        ];
        foreach (var trained in SparseAutoencoderSet.Train(activations, "Activations", all))
            Console.WriteLine(SparseAutoencoderEvaluation.Of(trained.Autoencoder, activations, "Activations", rows: 30_000).ExplainedVariance);
    }

    static void RealModel(MLContext ml)
    {
        using var model = LanguageModel.Load("data/stories260k");
        var tokens = model.Encode("Once upon a time, there was a little girl");

        using var cache = model.RunWithCache(tokens, "blocks.2.mlp.hook_post", "blocks.2.attn.hook_pattern");
        var ablated = model.Losses(tokens, Hook.Zero("blocks.2.hook_mlp_out"));

        var text = TokenText.Sampled(model, count: 200_000, window: 256, seed: 1);
        var activations = ml.Data.ModelActivations(model, text, "blocks.2.hook_resid_post");
    }
}

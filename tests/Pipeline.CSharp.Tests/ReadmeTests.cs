using System.Runtime.CompilerServices;
using Microsoft.ML;
using Superposition.Autoencoders;
using Xunit;

namespace Superposition.Tests;

public sealed class ReadmeTests
{
    [Fact]
    public void The_pipeline_in_the_README_is_the_one_compiled_here()
    {
        var source = SourcePath();
        var readme = Path.Combine(Path.GetDirectoryName(source)!, "..", "..", "README.md");
        var shown = File.ReadAllText(readme).Split("```csharp")[1].Split("```")[0];
        var compiled = File.ReadAllText(source).Split("static void Pipeline()")[^1].Split('\n').Select(line => line.Trim()).ToArray();
        var lines = shown.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        Assert.NotEmpty(lines);
        Assert.All(lines, line => Assert.Contains(line, compiled));
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
}

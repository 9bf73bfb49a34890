using System.Text.Json;
using Superposition.Autoencoders;
using Superposition.Sweeps;
using Superposition.ToyModels;

namespace Superposition.Tests.Sweeps;

/// <summary>Plans that train in a moment.</summary>
static class SmallSweep
{
    public static ToyModelRecipe Toys { get; } = new()
    {
        World = new() { Features = 4, Density = 0.5, Rows = 1000, Seed = 1 },
        Model = new() { Dimensions = 2, Steps = 20, BatchSize = 16, Instances = 2, Seed = 2 },
    };

    public static SparseAutoencoderRecipe Autoencoder { get; } = new()
    {
        Activations = new() { Synthetic = new() { Features = 12, Dimensions = 6, Rows = 2000, Seed = 1 } },
        Autoencoder = new TopKOptions { Latents = 12, K = 2, Samples = 3000, BatchSize = 32, Seed = 3 },
    };

    /// <summary>24 cells, more than one batch of them.</summary>
    public static SweepPlan Plan { get; } = new()
    {
        Base = Toys,
        Axes =
        [
            new GridAxis { Field = "model.dimensions", Values = [.. new[] { 1, 2, 3 }.Select(d => JsonSerializer.SerializeToElement(d))] },
            new ListAxis { Fields = ["world.density", "model.seed"], Rows = [Row(0.1, 5), Row(0.2, 6)] },
            new RandomAxis { Field = "model.optimizer.learningRate", Low = 1e-4, High = 1e-2, Logarithmic = true, Count = 4, Seed = 7 },
        ],
    };

    /// <summary>Four cells, two of which diverge at once.</summary>
    public static SweepPlan Diverging { get; } = Plan with
    {
        Base = Toys with { Model = Toys.Model with { Optimizer = new Superposition.Training.SgdOptions { LearningRate = 0.01 } } },
        Axes =
        [
            new ListAxis { Fields = ["model.optimizer.learningRate", "model.seed"], Rows = [Row(1e30, 1), Row(0.01, 2), Row(1e30, 3), Row(0.02, 4)] },
        ],
    };

    /// <summary>Two cells, each of a second or so: of the fused engine, of autograd, of an autoencoder.</summary>
    public static IReadOnlyDictionary<string, SweepPlan> Long { get; } = new Dictionary<string, SweepPlan>
    {
        ["fused"] = new()
        {
            Base = Toys with { Model = Toys.Model with { Steps = 600_000 } },
            Axes = [Seeds("model.seed")],
        },
        ["autograd"] = new()
        {
            Base = Toys with { Model = Toys.Model with { Steps = 3_000, Engine = ToyModelEngine.Autograd } },
            Axes = [Seeds("model.seed")],
        },
        ["autoencoder"] = new()
        {
            Base = Autoencoder with { Autoencoder = Autoencoder.Autoencoder with { Samples = 600_000 } },
            Axes = [Seeds("autoencoder.seed")],
        },
    };

    /// <summary>Six cells of autoencoders, of two architectures on two worlds.</summary>
    public static SweepPlan Autoencoders { get; } = new()
    {
        Base = Autoencoder,
        Axes =
        [
            Seeds("activations.synthetic.seed"),
            new GridAxis
            {
                Field = "autoencoder",
                Values =
                [
                    .. JsonSerializer.Deserialize<JsonElement[]>("""
                        [
                          { "architecture": "topk", "latents": 12, "k": 2, "samples": 3000, "batchSize": 32, "seed": 3 },
                          { "architecture": "topk", "latents": 8, "k": 1, "samples": 3000, "batchSize": 32, "seed": 4 },
                          { "architecture": "l1", "latents": 12, "coefficient": 0.1, "samples": 3000, "batchSize": 32, "seed": 5 }
                        ]
                        """)!,
                ],
            },
        ],
    };

    /// <summary>The bytes of both tables of a sweep that is done.</summary>
    public static byte[] Table(string path) => [.. new[] { "results.csv", "results.parquet" }.SelectMany(name => File.ReadAllBytes(Path.Combine(path, name)))];

    static GridAxis Seeds(string field) => new() { Field = field, Values = [JsonSerializer.SerializeToElement(1), JsonSerializer.SerializeToElement(2)] };

    static JsonElement[] Row(double first, long seed) => [JsonSerializer.SerializeToElement(first), JsonSerializer.SerializeToElement(seed)];
}

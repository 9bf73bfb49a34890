using System.Text.Json;
using Superposition.Sweeps;
using Superposition.ToyModels;

namespace Superposition.Tests.Sweeps;

/// <summary>A plan whose 24 cells train in a moment, more than one batch of them.</summary>
static class SmallSweep
{
    public static SweepPlan Plan { get; } = new()
    {
        Base = new()
        {
            World = new() { Features = 4, Density = 0.5, Rows = 1000, Seed = 1 },
            Model = new() { Dimensions = 2, Steps = 20, BatchSize = 16, Instances = 2, Seed = 2 },
        },
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
        Base = Plan.Base with { Model = Plan.Base.Model with { Optimizer = new Superposition.Training.SgdOptions { LearningRate = 0.01 } } },
        Axes =
        [
            new ListAxis { Fields = ["model.optimizer.learningRate", "model.seed"], Rows = [Row(1e30, 1), Row(0.01, 2), Row(1e30, 3), Row(0.02, 4)] },
        ],
    };

    /// <summary>Two cells, each of a second or so.</summary>
    public static SweepPlan Long(ToyModelEngine engine) => Plan with
    {
        Base = Plan.Base with { Model = Plan.Base.Model with { Engine = engine, Steps = engine == ToyModelEngine.Autograd ? 3_000 : 600_000 } },
        Axes = [new GridAxis { Field = "model.seed", Values = [JsonSerializer.SerializeToElement(1), JsonSerializer.SerializeToElement(2)] }],
    };

    /// <summary>The bytes of both tables of a sweep that is done.</summary>
    public static byte[] Table(string path) => [.. new[] { "results.csv", "results.parquet" }.SelectMany(name => File.ReadAllBytes(Path.Combine(path, name)))];

    static JsonElement[] Row(double first, long seed) => [JsonSerializer.SerializeToElement(first), JsonSerializer.SerializeToElement(seed)];
}

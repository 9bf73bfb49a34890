using Superposition.Features;
using Superposition.ToyModels;

namespace Superposition.Benchmarks;

/// <summary>What do snapshots of W cost, one each fifty steps of n = 100, d = 20? Asked for: 5 % at the most.</summary>
sealed class ToySnapshots : Benchmark
{
    const int Steps = 1000;
    const double Target = 0.95;

    public override string Name => "toy-snapshots";

    public override string Run()
    {
        Check(Train(50).History.Snapshots.GetLength(0) == Steps / 50 + 1, "a snapshot each fifty steps and one before");
        var times = Medians(5, () => Train(50), () => Train(0));
        return Line(("ours", times[0]), ("without", times[1]), ("target", Target), ("ratio", times[1] / times[0]));
    }

    static ToyModelCell Train(int every) => ToyModelGrid.Train([new()
    {
        World = new() { Features = 100, Density = 0.1, Rows = 1L << 40, Seed = 1 },
        Model = new() { Dimensions = 20, Instances = 8, Importance = PerFeature.Powers(0.95), Seed = 1, Steps = Steps, SnapshotEvery = every },
    }])[0];
}

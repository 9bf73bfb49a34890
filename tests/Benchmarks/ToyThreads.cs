using Superposition.Features;
using Superposition.ToyModels;

namespace Superposition.Benchmarks;

/// <summary>How much do two cores gain over one? 16 instances of n = 20, d = 5. Asked for: 1.8 times.</summary>
sealed class ToyThreads : Benchmark
{
    const double Target = 1.8;

    public override string Name => "toy-threads";

    public override string Run()
    {
        Check(Train(1).SequenceEqual(Train(2)), "the same losses with one thread and two");
        var times = Medians(5, () => Train(2), () => Train(1));
        return Line(("ours", times[0]), ("one", times[1]), ("target", Target), ("ratio", times[1] / times[0]));
    }

    static double[] Train(int threads) => [.. ToyModelGrid.Train([new()
    {
        World = new() { Features = 20, Density = 0.1, Rows = 1L << 40, Seed = 1 },
        Model = new() { Dimensions = 5, Instances = 16, Importance = PerFeature.Powers(0.9), Seed = 1, Steps = 5000, HistoryEvery = 5000 },
    }], new() { Threads = threads })[0].Instances.Select(instance => instance.Loss)];
}

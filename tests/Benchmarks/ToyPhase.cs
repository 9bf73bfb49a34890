using System.Diagnostics;
using Superposition.Features;
using Superposition.ToyModels;

namespace Superposition.Benchmarks;

/// <summary>
/// How long does a phase diagram of n = 2, d = 1 take, 32 × 32 cells of importance and density, 10 instances each, 10,000 steps? Ours in
/// full; libtorch with as many instances a call as suit it best, some steps of it, scaled to all.
/// </summary>
sealed class ToyPhase : Benchmark
{
    const int Side = 32, Instances = 10, Steps = 10_000, Batch = 1024;
    const double Target = 30;

    public override string Name => "toy-phase";

    public override string Run()
    {
        var start = Stopwatch.GetTimestamp();
        var cells = ToyModelGrid.Train([.. Enumerable.Range(0, Side * Side).Select(c => Cell(c, Steps))], new() { KeepBest = 1 });
        var ours = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        CheckCorners(cells);
        var perInstance = new[] { 10, 100, 1000, Side * Side * Instances }.Min(AStepOfOne);
        var libtorch = perInstance * Side * Side * Instances * Steps;
        return Line(("ours", ours), ("libtorch", libtorch), ("target", Target), ("ratio", libtorch / ours));
    }

    // Milliseconds of libtorch a step and instance, with so many a call.
    static double AStepOfOne(int instances)
    {
        var model = Cell(0, 1).Model;
        using var theirs = new EagerToyModels(
            [.. Enumerable.Range(0, instances).Select(j => InitialWeights.Of(model, 2, j))], Batch,
            [.. Enumerable.Range(0, instances).Select(j => Density(j % Side))], [1, 1], absolute: false);
        var steps = Math.Max(2, 2000 / instances);
        return Medians(3, () =>
        {
            for (var step = 0; step < steps; step++) theirs.Step();
        })[0] / steps / instances;
    }

    // Importance from 0.1 to 10 by rows, density from 0.01 to 1 by columns, both even in the logarithm.
    static ToyModelRecipe Cell(int cell, int steps) => new()
    {
        World = new() { Features = 2, Density = Density(cell % Side), Rows = 1L << 40, Seed = 1 },
        Model = new()
        {
            Dimensions = 1, Instances = Instances, Importance = PerFeature.Of(1, Importance(cell / Side)), Seed = 1, Steps = steps, HistoryEvery = steps,
        },
    };

    static double Density(int column) => Math.Pow(10, -2 + 2.0 * column / (Side - 1));

    static double Importance(int row) => Math.Pow(10, -1 + 2.0 * row / (Side - 1));

    // Dense and unequal: the feature that matters less is dropped at p/3 − p²/4 times its importance. Sparse and equal: an antipodal pair, p²/3.
    static void CheckCorners(IReadOnlyList<ToyModelCell> cells)
    {
        void Near(int row, int column, double expected) => Check(
            Math.Abs(cells[row * Side + column].Best.Loss - expected) < 0.05 * expected, $"a loss near {expected:G4} at cell {row}, {column}, found {cells[row * Side + column].Best.Loss:G4}");
        var (p, low) = (Density(Side - 1), Importance(0));
        Near(0, Side - 1, low * (p / 3 - p * p / 4));
        Near(Side - 1, Side - 1, p / 3 - p * p / 4);
        var (middle, sparse) = (Importance(Side / 2), Density(Side / 2));
        Near(Side / 2, Side / 2, (1 + middle) * sparse * sparse / 6);
    }
}

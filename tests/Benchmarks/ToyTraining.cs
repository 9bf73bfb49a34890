using Superposition.Features;
using Superposition.ToyModels;

namespace Superposition.Benchmarks;

/// <summary>
/// How much faster does the fused engine train than the notebook's form on libtorch? Same models, batch, steps, optimiser, precision
/// and threads, data drawn in both; p = 20^−linspace(0, 1) over the instances unless one is given.
/// </summary>
sealed class ToyTraining(string name, int instances, int n, int d, double target, double? density = null) : Benchmark
{
    const int Batch = 1024, WarmUp = 1000, Rounds = 5;

    public override string Name => name;

    bool Absolute => density is not null;

    double[] Densities => [.. Enumerable.Range(0, instances).Select(j => density ?? Math.Pow(20, -(double)j / Math.Max(1, instances - 1)))];

    // The notebook's importances: 0.9^i for the introduction, 100^−linspace(0, 1) for toy-basic; the abs model's 0.8^i; equal else.
    double Ratio => name switch { "toy-intro" => 0.9, "toy-basic" => Math.Pow(100, -1.0 / (n - 1)), "toy-abs" => 0.8, _ => 1 };

    // Five products of n × d with a batch, two forward and three back, for each instance.
    double FloorMilliseconds => 5.0 * instances * n * d * Batch / (Machine.MultiplyAdds.Value * Environment.ProcessorCount) / 1e6;

    public override string Run()
    {
        var steps = (int)Math.Clamp(400_000.0 / n / d, 300, 10_000);
        ToyModel[] initial = [.. Enumerable.Range(0, instances).Select(j => InitialWeights.Of(Cell(j, 1).Model, n, j))];
        using var theirs = new EagerToyModels(initial, Batch, Densities, Cell(0, 1).Model.Importance.Expand(n), Absolute);
        var eager = Enumerable.Range(0, WarmUp).Select(_ => theirs.Step()).ToArray();
        CheckSame(Train(WarmUp), [.. Enumerable.Range(0, instances).Select(j => eager[^20..].Average(losses => losses[j]))]);

        // Ours trains from the start each time: the difference of two lengths is what steps after the warm-up cost.
        var eagerSteps = Math.Max(5, steps / 50);
        var times = Medians(Rounds, () => Train(WarmUp), () => Train(WarmUp + steps), () =>
        {
            for (var step = 0; step < eagerSteps; step++) theirs.Step();
        });
        var (ours, libtorch) = ((times[1] - times[0]) / steps, times[2] / eagerSteps);
        var python = PythonTorch.MillisecondsAStep(instances, n, d, Batch, eagerSteps, Absolute);
        return Line([
            ("ours", ours), ("libtorch", libtorch), ("target", target), ("ratio", libtorch / ours), ("floor", FloorMilliseconds),
            .. python is { } milliseconds ? [("python-torch", milliseconds), ("ratio-python", milliseconds / ours)] : ((string, double)[])[]]);
    }

    ToyModel[] Train(int steps) =>
        [.. ToyModelGrid.Train([.. Enumerable.Range(0, instances).Select(j => Cell(j, steps))]).Select(cell => cell.Best)];

    ToyModelRecipe Cell(int j, int steps) => new()
    {
        World = new()
        {
            Features = n, Density = Densities[j], Values = Absolute ? new UniformValues(-1, 1) : new UniformValues(), Rows = 1L << 40, Seed = 1,
        },
        Model = new()
        {
            Dimensions = d,
            Architecture = Absolute ? ToyArchitecture.Computing : ToyArchitecture.ReluOutput,
            Target = new() { Function = Absolute ? TargetFunction.Absolute : TargetFunction.Identity },
            Importance = PerFeature.Powers(Ratio),
            FirstInstance = j,
            Seed = 1,
            Steps = steps,
            HistoryEvery = steps,
        },
    };

    // From the same weights a thousand steps lead to about the same losses: where features are rare the noise of the batches moves a
    // single training by a fifth.
    void CheckSame(ToyModel[] ours, double[] libtorch)
    {
        double[] ratios = [.. ours.Zip(libtorch, (model, loss) => model.Loss / loss)];
        Check(ratios.All(ratio => ratio is > 0.6 and < 1.6), $"losses like libtorch's, found {string.Join(", ", ratios.Select(r => r.ToString("F2")))} times them");
        Check(Math.Abs(ratios.Average() - 1) < 0.1, $"libtorch's losses within 10 % on the mean, found {ratios.Average():F3} times them");
    }
}

using Microsoft.ML;
using Superposition.Activations;

namespace Superposition.Benchmarks;

/// <summary>How many activations a second does a world of known features give, features drawn and directions added up, on all cores?</summary>
sealed class WorldSynthetic(string name, SyntheticActivationOptions options, int rows, double target) : Benchmark
{
    public override string Name => name;

    public override string Run()
    {
        var world = new MLContext().Data.SyntheticActivations(options);
        var (d, n) = (options.Dimensions, options.Features);
        var x = new float[rows * d];
        world.Fill(0, 0, rows, x);
        CheckRow(world, x, rows - 1);
        var (indices, values, starts) = (new int[1000 * 128 + n], new float[1000 * 128 + n], new int[1001]);
        Check(world.Draw(0, 0, starts, indices, values) == 1000, "room for 1,000 rows");
        // Counts of a row spread by about a half of their mean, and correlation moves the mean a little.
        var l0 = world.EffectiveL0(n);
        Check(Math.Abs(starts[1000] / 1000.0 - l0) < 0.1 * l0, $"{l0:F2} active features a row");
        var times = Medians(7, () => world.Fill(0, 0, rows, x), () => world.Draw(0, 0, starts, indices, values));
        var rate = rows / times[0] * 1000;
        return Line(("ours", times[0]), ("rows", rows), ("rows/s", rate), ("us/row-features-1-thread", times[1]), ("target", target),
            ("ratio", rate / target));
    }

    // Against the sum in double precision.
    static void CheckRow(SyntheticActivations world, float[] x, int row)
    {
        var (n, d) = (world.World.Features, world.World.Dimensions);
        var (indices, values, starts) = (new int[n], new float[n], new int[2]);
        world.Draw(0, row, starts, indices, values);
        var (dictionary, sum) = (world.Dictionary, world.Bias.Select(b => (double)b).ToArray());
        for (var c = 0; c < starts[1]; c++)
            for (var j = 0; j < d; j++) sum[j] += values[c] * (double)dictionary[indices[c], j];
        for (var j = 0; j < d; j++) Check(Math.Abs(sum[j] - x[row * d + j]) < 1e-5, $"{sum[j]} at [{row}, {j}]");
    }
}

using Microsoft.ML;
using Microsoft.ML.Data;
using Superposition.Features;

namespace Superposition.Benchmarks;

/// <summary>How many sparse rows a second does a world's cursor give at n = 4,096, p = 0.005? Asked for: 400,000.</summary>
sealed class WorldCursor : Benchmark
{
    const int Features = 4096, Rows = 200_000;
    const double Density = 0.005, Target = 400_000;

    public override string Name => "world-cursor";

    public override string Run()
    {
        var world = new MLContext().Data.SparseFeatures(new() { Features = Features, Density = Density, Rows = Rows, Seed = 1 });
        var (active, sum) = Read(world);
        // Active features a row are binomial with mean 20.48: five standard errors.
        var error = Math.Sqrt(Features * Density * (1 - Density) / Rows);
        Check(Math.Abs((double)active / Rows - Features * Density) < 5 * error, $"{Features * Density} active features a row");
        var milliseconds = Medians(7, () => Check(Read(world) == (active, sum), "the same rows each time"))[0];
        var rate = Rows / milliseconds * 1000;
        return Line(("ours", milliseconds), ("rows", Rows), ("rows/s", rate), ("target", Target), ("ratio", rate / Target));
    }

    static (long Active, double Sum) Read(IDataView world)
    {
        using var cursor = world.GetRowCursor([world.Schema["Features"]]);
        var read = cursor.GetGetter<VBuffer<float>>(world.Schema["Features"]);
        VBuffer<float> row = default;
        var (active, sum) = (0L, 0.0);
        while (cursor.MoveNext())
        {
            read(ref row);
            var values = row.GetValues();
            active += values.Length;
            if (values.Length > 0) sum += values[0];
        }
        return (active, sum);
    }
}

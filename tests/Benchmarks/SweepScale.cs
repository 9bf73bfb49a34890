using System.Diagnostics;
using System.Text.Json;
using Superposition.Sweeps;
using Superposition.ToyModels;

namespace Superposition.Benchmarks;

/// <summary>
/// What does the record of a sweep cost where nothing is trained: journals of some shards written, read by a driver that is started again, and
/// made into the table? What docs/scale.md counts from.
/// </summary>
sealed class SweepScale(int cells, int shards) : Benchmark
{
    const int Lines = 16;   // a worker's batch

    public override string Name => FormattableString.Invariant($"sweep-{cells}-cells");

    public override string Run()
    {
        var folder = Path.Combine(Path.GetTempPath(), $"superposition-{Guid.NewGuid():N}");
        try
        {
            var plan = Plan();
            using var driven = SweepFolder.Driven(folder, plan);
            var (writing, batches) = (Stopwatch.StartNew(), 0L);
            for (var shard = 0; shard < shards; shard++)
            {
                using var journal = driven.JournalOf(FormattableString.Invariant($"shard-{shard}-of-{shards}"));
                var ended = Enumerable.Range(0, cells).Where(cell => cell % shards == shard)
                    .Select(cell => new CellEnd(cell, Seed: 1, Measured: [0.123456789 + cell * 1e-9, 0, 0], Error: null));
                // A flush of the disk a batch would measure the disk: one a shard here, and a few timed apart.
                journal.Add(ended);
                batches += (cells / shards + Lines - 1) / Lines;
            }
            var written = writing.Elapsed;
            var memory = GC.GetTotalMemory(forceFullCollection: true);
            var reading = Stopwatch.StartNew();
            var states = driven.States();
            var left = Sweep.Left(plan, states).Count();
            var read = reading.Elapsed;
            var held = GC.GetTotalMemory(forceFullCollection: true) - memory;
            Check(states.Count == cells && left == 0, "every cell, and none left");
            var tabling = Stopwatch.StartNew();
            driven.WriteTable(states);
            return Line(("cells", cells), ("shards", shards), ("journal-bytes", Bytes("journal") / (double)cells), ("table-bytes", new FileInfo(Path.Combine(folder, "results.csv")).Length / (double)cells),
                ("files", Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Length), ("write-s", written.TotalSeconds), ("read-s", read.TotalSeconds), ("memory-MB", held / 1e6),
                ("table-s", tabling.Elapsed.TotalSeconds), ("flushes", batches));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        long Bytes(string name) => Directory.GetFiles(Path.Combine(folder, name)).Sum(file => new FileInfo(file).Length);
    }

    SweepPlan Plan() => new()
    {
        Base = new ToyModelRecipe
        {
            World = new() { Features = 20, Density = 0.05, Rows = 1000, Seed = 1 },
            Model = new() { Dimensions = 5, Steps = 1000, Seed = 1 },
        },
        Axes = [new GridAxis { Field = "model.seed", Values = [.. Enumerable.Range(1, cells).Select(seed => JsonSerializer.SerializeToElement(seed))] }],
    };
}

using System.Text.Json;
using Microsoft.ML;
using Superposition.Autoencoders;
using Superposition.Storage;
using Superposition.Sweeps;
using Superposition.Tests.Activations;
using Superposition.Tests.Autoencoders;
using Superposition.Tests.Storage;
using Superposition.ToyModels;
using Superposition.Training;
using Xunit;

namespace Superposition.Tests.Sweeps;

public sealed class SweepTests
{
    static readonly SweepPlan Plan = SmallSweep.Plan;

    [Fact]
    public void A_row_holds_what_its_cell_gives_alone()
    {
        using var folder = new TemporaryFolder();
        Assert.Equal(new(24, 0), Run(folder["sweep"]));
        var table = CsvTable.Read(Path.Combine(folder["sweep"], "results.csv"));
        Assert.Equal(Enumerable.Range(0, 24).Select(cell => (double)cell), table.Numbers("cell"));
        foreach (var cell in new[] { 0, 13, 23 })
            Assert.Equal(ToyModelGrid.Train([(ToyModelRecipe)Plan.Recipe(cell)])[0].Best.Loss, table.Number(cell, "loss"));
    }

    [Fact]
    public void A_row_of_an_autoencoder_holds_what_its_recipe_gives_alone()
    {
        var cancellation = TestContext.Current.CancellationToken;
        using var folder = new TemporaryFolder();
        Assert.Equal(new(6, 0), Run(folder["sweep"], SmallSweep.Autoencoders));
        var table = CsvTable.Read(Path.Combine(folder["sweep"], "results.csv"));
        foreach (var cell in new[] { 0, 2, 4 })
        {
            var recipe = (SparseAutoencoderRecipe)SmallSweep.Autoencoders.Recipe(cell);
            var alone = SparseAutoencoderRun.Train(recipe, folder[$"{cell}"]);
            var activations = recipe.Activations.Open(new MLContext(), cancellation: cancellation);
            var evaluation = SparseAutoencoderEvaluation.Of(alone.Autoencoder, activations, "Activations", 10_240, cancellation: cancellation);
            Assert.Equal(evaluation.SquaredError, table.Number(cell, "squared_error"));
            Assert.Equal(evaluation.ExplainedVariance, table.Number(cell, "explained_variance"));
            Assert.Equal(evaluation.L0, table.Number(cell, "l0"));
            Assert.Equal(alone.History.Metrics[^1].DeadFraction, table.Number(cell, "dead"));
        }
        Assert.Equal(["3", "4", "5", "3", "4", "5"], table.Column("seed"));
    }

    [Fact]
    public void An_autoencoder_that_cannot_be_trained_stops_no_other()
    {
        using var folder = new TemporaryFolder();
        NpyFile.Write(folder["good.npy"], [.. Recorded.Normal(1, 100, 3).SelectMany(row => row)], 100, 3);
        NpyFile.Write(folder["alike.npy"], [.. Enumerable.Repeat(1f, 300)], 100, 3);
        var plan = new SweepPlan
        {
            Base = SmallSweep.Autoencoder with { Activations = new() { Npy = folder["good.npy"] } },
            Axes =
            [
                new GridAxis { Field = "activations.npy", Values = [.. new[] { "alike.npy", "good.npy" }.Select(name => JsonSerializer.SerializeToElement(folder[name]))] },
                new GridAxis { Field = "autoencoder.optimizer.learningRate", Values = [JsonSerializer.SerializeToElement(0.001), JsonSerializer.SerializeToElement(1e30)] },
            ],
        };
        Assert.Equal(new(4, 3), Run(folder["sweep"], plan));
        var table = CsvTable.Read(Path.Combine(folder["sweep"], "results.csv"));
        Assert.Equal(["failed", "failed", "done", "failed"], table.Column("status"));
        Assert.Contains("rows that differ", table[0, "error"]);
        Assert.Contains("loss is not finite", table[3, "error"]);
        Assert.Equal("", table[3, "squared_error"]);
        Assert.False(Directory.Exists(Path.Combine(folder["sweep"], "checkpoints")));
    }

    [Fact]
    public void An_interrupted_sweep_ends_with_the_same_bytes_and_no_cell_twice()
    {
        using var folder = new TemporaryFolder();
        Run(folder["whole"]);
        using var interruption = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => Sweep.Run(Plan, folder["cut"], progress: new Interrupting(interruption), cancellation: interruption.Token));
        var journal = Path.Combine(folder["cut"], "journal", "driver.jsonl");
        var done = File.ReadAllLines(journal).Length;
        Assert.InRange(done, 1, 23);
        File.AppendAllText(journal, """{"cell": 23, "se""");   // a line whose writer died

        Run(folder["cut"]);

        Assert.Equal(24, File.ReadAllLines(journal).Length);
        Assert.Equal(Table(folder["whole"]), Table(folder["cut"]));
        Assert.Equal(["journal", "lock", "plan.json", "results.csv", "results.parquet"], new DirectoryInfo(folder["cut"]).EnumerateFileSystemInfos().Select(entry => entry.Name).Order());
    }

    [Theory]
    [InlineData("fused")]
    [InlineData("autograd")]
    [InlineData("autoencoder")]
    public void A_cell_that_no_run_has_time_for_ends_after_several_and_with_the_same_bytes(string kind)
    {
        using var folder = new TemporaryFolder();
        var plan = SmallSweep.Long[kind];
        Run(folder["whole"], plan);
        var (stops, saved) = (0, false);
        for (; ; stops++)
        {
            Assert.InRange(stops, 0, 1000);   // from the beginning each time, it would never come to an end
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(0.2 + 0.02 * stops));   // longer and longer: a machine that does much else takes a while to begin
            try
            {
                Sweep.Run(plan, folder["cut"], cancellation: limit.Token);
                break;
            }
            catch (OperationCanceledException)
            {
                saved |= Directory.Exists(Path.Combine(folder["cut"], "checkpoints"));
            }
        }
        Assert.True(saved && stops >= 2, $"stopped {stops} times");
        Assert.Equal(Table(folder["whole"]), Table(folder["cut"]));
        Assert.Equal(["journal", "lock", "plan.json", "results.csv", "results.parquet"], new DirectoryInfo(folder["cut"]).EnumerateFileSystemInfos().Select(entry => entry.Name).Order());
    }

    [Fact]
    public void A_cell_that_diverges_is_tried_three_times_and_stops_no_other()
    {
        using var folder = new TemporaryFolder();
        Assert.Equal(new(4, 2), Run(folder["sweep"], SmallSweep.Diverging));
        Assert.Equal(new(4, 2), Run(folder["sweep"], SmallSweep.Diverging));
        Assert.Equal(2 + 2 * 3, File.ReadAllLines(Path.Combine(folder["sweep"], "journal", "driver.jsonl")).Length);
        var table = CsvTable.Read(Path.Combine(folder["sweep"], "results.csv"));
        Assert.Equal(["failed", "done", "failed", "done"], table.Column("status"));
        Assert.Equal(["1", "2", "3", "4"], table.Column("seed"));
        Assert.Equal("All instances diverged.", table[0, "error"]);
        Assert.Equal("", table[0, "loss"]);
    }

    [Fact]
    public void Another_plan_in_the_folder_is_refused_with_the_difference()
    {
        using var folder = new TemporaryFolder();
        Run(folder["sweep"]);
        var before = Table(folder["sweep"]);
        var other = Plan with { Base = SmallSweep.Toys with { World = SmallSweep.Toys.World with { Features = 5 } } };
        var error = Assert.Throws<SweepException>(() => Run(folder["sweep"], other));
        Assert.Equal(SweepReason.OtherPlan, error.Reason);
        Assert.Contains("base.world.features is 4 there, 5 here", error.Message);
        Assert.Equal(before, Table(folder["sweep"]));
    }

    [Fact]
    public void A_folder_with_something_else_is_left_alone()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["letter.txt"], "mine");
        Assert.Equal(SweepReason.NotASweep, Assert.Throws<SweepException>(() => Run(folder["."])).Reason);
        Assert.Equal(["letter.txt"], folder.Names());
    }

    [Fact]
    public void A_sweep_has_one_driver()
    {
        using var folder = new TemporaryFolder();
        using var driver = SweepFolder.Driven(folder["sweep"], Plan);
        Assert.Equal(FileWriteReason.Taken, Assert.Throws<FileWriteException>(() => Run(folder["sweep"])).Reason);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("""{"cell": 24, "seed": 1, "measured": [1, 0, 0], "error": null}""")]
    [InlineData("""{"cell": 23, "seed": 1, "measured": [1, 0], "error": null}""")]
    [InlineData("""{"cell": 23, "seed": 1, "measured": null, "error": null}""")]
    public void A_whole_line_that_is_of_no_cell_is_refused(string line)
    {
        using var folder = new TemporaryFolder();
        Run(folder["sweep"]);
        File.AppendAllText(Path.Combine(folder["sweep"], "journal", "driver.jsonl"), line + "\n");
        var error = Assert.Throws<SweepException>(() => Run(folder["sweep"]));
        Assert.Equal(SweepReason.BadJournal, error.Reason);
        Assert.Contains("line 25", error.Message);
    }

    static SweepSummary Run(string path, SweepPlan? plan = null) =>
        Sweep.Run(plan ?? Plan, path, cancellation: TestContext.Current.CancellationToken);

    static byte[] Table(string path) => SmallSweep.Table(path);

    /// <summary>Stops at the first sign of progress.</summary>
    sealed class Interrupting(CancellationTokenSource interruption) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            if (value.Step > 0) interruption.Cancel();
        }
    }
}

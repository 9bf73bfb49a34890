using System.Diagnostics;
using System.Text.Json;
using Superposition.Cli;
using Superposition.Storage;
using Superposition.Sweeps;
using Superposition.Tests.Storage;
using Xunit;

namespace Superposition.Tests.Sweeps;

/// <summary>Engines whose workers are processes of their own, which are killed.</summary>
public sealed class SweepEngineTests : IDisposable
{
    static readonly string Tool = typeof(Session).Assembly.Location;
    static readonly WorkerCommand Worker = new("dotnet", [Tool, "sweep-worker"]);

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Processes_of_this_machine_leave_the_table_of_autoencoders_that_one_process_leaves()
    {
        var cancellation = TestContext.Current.CancellationToken;
        Sweep.Run(SmallSweep.Autoencoders, folder["whole"], cancellation: cancellation);
        Assert.Equal(new(6, 0), Sweep.Run(SmallSweep.Autoencoders, folder["local"], new LocalEngine(2, Worker), cancellation: cancellation));
        Assert.Equal(Table("whole"), Table("local"));
    }

    [Fact]
    public void Processes_of_this_machine_leave_the_table_that_one_process_leaves()
    {
        var cancellation = TestContext.Current.CancellationToken;
        Sweep.Run(SmallSweep.Plan, folder["whole"], cancellation: cancellation);
        Assert.Equal(new(24, 0), Sweep.Run(SmallSweep.Plan, folder["local"], new LocalEngine(2, Worker), cancellation: cancellation));
        Assert.Equal(Table("whole"), Table("local"));
        AssertClean("local", cells: 24);
    }

    [Fact]
    public void Cells_that_diverge_are_tried_three_times_by_workers_too()
    {
        var cancellation = TestContext.Current.CancellationToken;
        Sweep.Run(SmallSweep.Diverging, folder["whole"], cancellation: cancellation);
        Assert.Equal(new(4, 2), Sweep.Run(SmallSweep.Diverging, folder["local"], new LocalEngine(3, Worker), cancellation: cancellation));
        Assert.Equal(Table("whole"), Table("local"));
        Assert.Equal(2 + 2 * 3, Ends("local").Length);
    }

    [Fact]
    public void Workers_that_end_no_cell_are_not_started_for_ever()
    {
        var error = Assert.Throws<SweepException>(() => Sweep.Run(
            SmallSweep.Plan, folder["local"], new LocalEngine(1, new("dotnet", [Tool, "no-such-verb"])), cancellation: TestContext.Current.CancellationToken));
        Assert.Equal(SweepReason.NoProgress, error.Reason);
        Assert.Contains("expected a verb", File.ReadAllText(Path.Combine(folder["local"], "log", "shard-0-of-1.log")));
    }

    [Fact]
    public void A_shard_has_one_worker_at_a_time()
    {
        using var driver = SweepFolder.Driven(folder["sweep"], SmallSweep.Plan);
        using (driver.HoldShard("shard-0-of-2"))
        {
            using var soon = new CancellationTokenSource(TimeSpan.FromSeconds(1));
            Assert.Throws<OperationCanceledException>(() => SweepWorker.Run(folder["sweep"], 0, 2, soon.Token));
        }
        SweepWorker.Run(folder["sweep"], 0, 2, TestContext.Current.CancellationToken);
        Assert.Equal(Enumerable.Range(0, 12).Select(i => 2L * i), driver.States().Keys.Order());
    }

    [Fact]
    public void A_worker_without_a_sweep_says_so() => Assert.Equal(SweepReason.NotASweep,
        Assert.Throws<SweepException>(() => SweepWorker.Run(folder["none"], 0, 1, TestContext.Current.CancellationToken)).Reason);

    // Without Slurm there is no sbatch; with it, it refuses the option.
    [Fact]
    public void A_scheduler_that_is_not_there_or_refuses_is_said()
    {
        var engine = new SlurmEngine(2, Worker, ["--no-such-option"]);
        var error = Assert.Throws<SweepException>(
            () => Sweep.Run(SmallSweep.Plan, folder["slurm"], engine, cancellation: TestContext.Current.CancellationToken));
        Assert.Equal(SweepReason.SchedulerFailed, error.Reason);
        Assert.Contains("sbatch", error.Message);
    }

    [Theory]
    [InlineData("0 1 2 3", "0-3")]
    [InlineData("5 0 2 1 7 8 5", "0-2,5,7-8")]
    [InlineData("4", "4")]
    public void Array_tasks_are_named_in_ranges(string numbers, string expected) =>
        Assert.Equal(expected, SlurmEngine.Ranges(numbers.Split(' ').Select(int.Parse)));

    [Fact]
    public async Task A_sweep_whose_workers_and_driver_are_killed_a_few_times_leaves_the_same_table() => await Survives(kills: 4);

    [Fact, Trait("Category", "Faults")]
    public async Task A_sweep_whose_workers_and_driver_are_killed_a_hundred_times_leaves_the_same_table() => await Survives(kills: 100);

    // 64 cells, two workers; a driver is started again until the sweep is done, and sweeps until so many were killed.
    async Task Survives(int kills)
    {
        var cancellation = TestContext.Current.CancellationToken;
        var plan = SmallSweep.Plan with
        {
            Base = SmallSweep.Toys with { Model = SmallSweep.Toys.Model with { Steps = 20_000 } },
            Axes =
            [
                new GridAxis { Field = "model.dimensions", Values = [.. new[] { 1, 2, 3, 4 }.Select(d => JsonSerializer.SerializeToElement(d))] },
                new RandomAxis { Field = "model.optimizer.learningRate", Low = 1e-4, High = 1e-2, Logarithmic = true, Count = 16, Seed = 7 },
            ],
        };
        File.WriteAllText(folder["plan.json"], plan.ToNode().ToJsonString(OptionsJson.Settings));
        Sweep.Run(plan, folder["whole"], cancellation: cancellation);
        var (random, killed, drivers, sweeps) = (new Random(1), 0, 0, 0);
        for (; killed < kills; sweeps++)
        {
            for (var code = -1; code != 0;)
            {
                using var driver = Process.Start(new ProcessStartInfo(
                    "dotnet", [Tool, "sweep", folder["plan.json"], "--run", folder["killed"], "--engine", "local", "--workers", "2"])
                { RedirectStandardOutput = true, RedirectStandardError = true })!;
                var (output, error) = (driver.StandardOutput.ReadToEndAsync(cancellation), driver.StandardError.ReadToEndAsync(cancellation));
                var ended = driver.WaitForExitAsync(cancellation);
                while (killed < kills && await Task.WhenAny(ended, Task.Delay(random.Next(300, 3000), cancellation)) != ended)
                {
                    int[] victims = [.. Children(driver.Id), driver.Id];
                    if (!Kill(victims[random.Next(victims.Length)])) continue;
                    killed++;
                    if (driver.HasExited) drivers++;
                }
                await ended;
                await output;
                code = driver.ExitCode;
                Assert.True(code is 0 or 137, $"exit code {code}: {await error}");
            }
            Assert.Equal(Table("whole"), Table("killed"));
            AssertClean("killed", cells: 64);
            Directory.Delete(folder["killed"], recursive: true);
        }
        TestContext.Current.SendDiagnosticMessage($"{killed} kills, {drivers} of them of drivers, {sweeps} sweeps with the same table");
    }

    static int[] Children(int parent) => [.. Process.GetProcessesByName("dotnet").Where(process => ParentOf(process.Id) == parent).Select(process => process.Id)];

    static int ParentOf(int process)
    {
        try
        {
            // pid (name) state ppid …
            return int.Parse(File.ReadAllText($"/proc/{process}/stat").Split(") ")[^1].Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return -1;
        }
    }

    static bool Kill(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            process.Kill();
            process.WaitForExit();
            return true;
        }
        catch (Exception error) when (error is ArgumentException or InvalidOperationException)
        {
            return false;   // it ended by itself
        }
    }

    byte[] Table(string run) => SmallSweep.Table(folder[run]);

    CellEnd[] Ends(string run) => [.. Directory.GetFiles(Path.Combine(folder[run], "journal"), "*.jsonl").SelectMany(file => Journal.Read(file, cells: 1000, measures: 3))];

    // Every cell once, and nothing that nobody knows.
    void AssertClean(string run, int cells)
    {
        Assert.Equal(Enumerable.Range(0, cells).Select(cell => (long)cell), Ends(run).Select(end => end.Cell).Order());
        Assert.Equal(["journal", "lock", "log", "plan.json", "results.csv", "results.parquet"],
            new DirectoryInfo(folder[run]).EnumerateFileSystemInfos().Select(entry => entry.Name).Where(name => name != "log").Append("log").Order());
    }
}

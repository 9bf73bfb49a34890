using System.Diagnostics;
using System.Text.Json;
using Superposition.Cli;
using Superposition.Sweeps;
using Superposition.Tests.Storage;
using Superposition.ToyModels;
using Xunit;

namespace Superposition.Tests.Sweeps;

/// <summary>Sweeps as array jobs of a real Slurm of two nodes.</summary>
[Collection(nameof(Alone))]
public sealed class SlurmEngineTests : IDisposable
{
    static readonly string Tool = typeof(Session).Assembly.Location;
    static readonly WorkerCommand Worker = new(Environment.ProcessPath!, [Tool, "sweep-worker"]);

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    // Cells of about a second, so that there is something to kill.
    static SweepPlan Plan(int steps) => SmallSweep.Plan with
    {
        Base = SmallSweep.Toys with { Model = SmallSweep.Toys.Model with { Steps = steps } },
        Axes =
        [
            new GridAxis { Field = "model.dimensions", Values = [.. new[] { 1, 2, 3, 4 }.Select(d => JsonSerializer.SerializeToElement(d))] },
            new RandomAxis { Field = "model.optimizer.learningRate", Low = 1e-4, High = 1e-2, Logarithmic = true, Count = 16, Seed = 7 },
        ],
    };

    [Fact]
    public async Task An_array_one_of_whose_tasks_is_killed_leaves_the_table_that_one_process_leaves()
    {
        Assert.SkipWhen(SlurmCluster.Missing is not null, SlurmCluster.Missing ?? "");
        using var cluster = new SlurmCluster();
        await Same(async cancellation => await KillWorker(cancellation));
    }

    [Fact, Trait("Category", "Faults")]
    public async Task A_node_that_is_lost_costs_no_cell()
    {
        Assert.SkipWhen(SlurmCluster.Missing is not null, SlurmCluster.Missing ?? "");
        using var cluster = new SlurmCluster();
        await Same(async cancellation =>
        {
            await KillWorker(cancellation);
            cluster.KillNode("n2");
            await Task.Delay(TimeSpan.FromSeconds(8), cancellation);   // it is down after SlurmdTimeout
            cluster.StartNode("n2");
        });
    }

    [Fact, Trait("Category", "Faults")]
    public async Task Tasks_that_are_requeued_go_on_where_they_were()
    {
        Assert.SkipWhen(SlurmCluster.Missing is not null, SlurmCluster.Missing ?? "");
        using var cluster = new SlurmCluster();
        await Same(async cancellation =>
        {
            var restarted = "";
            for (var times = 0; times < 3; times++)
            {
                await Task.Delay(TimeSpan.FromSeconds(3), cancellation);
                var job = File.ReadAllText(Path.Combine(folder["slurm"], "slurm.job"));
                SlurmCluster.Output("scontrol", "requeue", job);   // of those that run; it says that the others do not
                restarted = SlurmCluster.Output("scontrol", "show", "job", job);
            }
            Assert.Matches("Restarts=[1-9]", restarted);
        });
    }

    // Slurm looks at its limits twice a minute, and the shortest is a minute.
    [Fact, Trait("Category", "Faults")]
    public void Cells_longer_than_the_limit_of_their_tasks_come_to_their_end()
    {
        Assert.SkipWhen(SlurmCluster.Missing is not null, SlurmCluster.Missing ?? "");
        var cancellation = TestContext.Current.CancellationToken;
        using var cluster = new SlurmCluster();
        var plan = SmallSweep.Long["fused"] with { Base = SmallSweep.Toys with { Model = SmallSweep.Toys.Model with { Steps = 240_000_000, HistoryEvery = 240_000_000 } } };
        var clock = Stopwatch.StartNew();
        Sweep.Run(plan, folder["whole"], cancellation: cancellation);
        var alone = clock.Elapsed;
        Assert.Equal(new(2, 0), Sweep.Run(plan, folder["slurm"], new SlurmEngine(2, Worker, ["--time=1"]), cancellation: cancellation));
        Assert.Equal(Table("whole"), Table("slurm"));
        var limits = Directory.GetFiles(Path.Combine(folder["slurm"], "log"), "slurm-*").Length / 2;
        TestContext.Current.SendDiagnosticMessage($"{alone.TotalSeconds:F0} s of work in {limits} arrays of a minute, {clock.Elapsed.TotalSeconds - alone.TotalSeconds:F0} s");
        Assert.True(limits >= 2, "No task came to its limit.");
    }

    [Fact, Trait("Category", "Faults")]
    public async Task A_driver_that_is_killed_and_started_again_waits_for_the_array_it_left()
    {
        Assert.SkipWhen(SlurmCluster.Missing is not null, SlurmCluster.Missing ?? "");
        var cancellation = TestContext.Current.CancellationToken;
        using var cluster = new SlurmCluster();
        var plan = Plan(steps: 60_000);
        File.WriteAllText(folder["plan.json"], plan.ToNode().ToJsonString(OptionsJson.Settings));
        Sweep.Run(plan, folder["whole"], cancellation: cancellation);
        using (var driver = Process.Start(new ProcessStartInfo(
            Environment.ProcessPath!, [Tool, "sweep", folder["plan.json"], "--run", folder["slurm"], "--engine", "slurm", "--workers", "4"])
        { RedirectStandardOutput = true })!)
        {
            while (!File.Exists(Path.Combine(folder["slurm"], "slurm.job"))) await Task.Delay(50, cancellation);
            driver.Kill();
            await driver.WaitForExitAsync(cancellation);
        }
        var job = File.ReadAllText(Path.Combine(folder["slurm"], "slurm.job"));
        Assert.Equal(new(64, 0), Sweep.Run(plan, folder["slurm"], new SlurmEngine(4, Worker), cancellation: cancellation));
        Assert.Equal(Table("whole"), Table("slurm"));
        Assert.All(Directory.GetFiles(Path.Combine(folder["slurm"], "log"), "slurm-*"), log => Assert.StartsWith($"slurm-{job}_", Path.GetFileName(log)));
    }

    async Task Same(Func<CancellationToken, Task> faults)
    {
        var cancellation = TestContext.Current.CancellationToken;
        var plan = Plan(steps: 60_000);
        Sweep.Run(plan, folder["whole"], cancellation: cancellation);
        var sweep = Task.Run(() => Sweep.Run(plan, folder["slurm"], new SlurmEngine(4, Worker), cancellation: cancellation), cancellation);
        await faults(cancellation);
        Assert.Equal(new(64, 0), await sweep);
        Assert.Equal(Table("whole"), Table("slurm"));
        Assert.Equal(Enumerable.Range(0, 64).Select(cell => (long)cell),
            Directory.GetFiles(Path.Combine(folder["slurm"], "journal"), "*.jsonl").SelectMany(file => Journal.Read(file, cells: 64, measures: 3)).Select(end => end.Cell).Order());
        Assert.Equal(["journal", "lock", "log", "plan.json", "results.csv", "results.parquet"],
            new DirectoryInfo(folder["slurm"]).EnumerateFileSystemInfos().Select(entry => entry.Name).Order());
    }

    // The first that is seen at work.
    async Task KillWorker(CancellationToken cancellation)
    {
        for (; ; await Task.Delay(50, cancellation))
            foreach (var process in Process.GetProcessesByName("dotnet"))
                if (Command(process.Id) is var command && command.Contains("sweep-worker", StringComparison.Ordinal) && command.Contains(folder["slurm"], StringComparison.Ordinal))
                {
                    await Task.Delay(500, cancellation);
                    if (process.HasExited) continue;
                    process.Kill();
                    return;
                }
    }

    static string Command(int process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/cmdline");
        }
        catch (IOException)
        {
            return "";   // it is gone
        }
    }

    byte[] Table(string run) => SmallSweep.Table(folder[run]);
}

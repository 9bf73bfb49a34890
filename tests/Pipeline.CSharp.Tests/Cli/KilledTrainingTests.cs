using System.Diagnostics;
using Superposition.Cli;
using Superposition.Tests.Storage;
using Xunit;

namespace Superposition.Tests.Cli;

/// <summary>Trainings whose process is killed, with no warning, again and again: what is resumed ends in the bytes of one that was left alone.</summary>
public sealed class KilledTrainingTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    static readonly string[] World = ["--features", "20", "--dimensions", "5", "--density", "0.1", "--seed", "3"];

    string[] Toy(string run) => ["toy", .. World, "--instances", "3", "--steps", "20000", "--run", folder[run]];

    string[] Sae(string run) =>
        ["sae", "--toy", folder["toy"], "--latents", "40", "--k", "3", "--samples", "2e6", "--batch", "512", "--run", folder[run]];

    [Fact]
    public async Task A_toy_training_killed_a_few_times_ends_as_one_left_alone() => await Survives(Toy, kills: 3);

    [Fact]
    public async Task An_autoencoder_killed_a_few_times_ends_as_one_left_alone()
    {
        ToyForActivations();
        await Survives(Sae, kills: 3);
    }

    [Fact, Trait("Category", "Faults")]
    public async Task A_toy_training_killed_a_hundred_times_ends_as_one_left_alone() => await Survives(Toy, kills: 100);

    [Fact, Trait("Category", "Faults")]
    public async Task An_autoencoder_killed_a_hundred_times_ends_as_one_left_alone()
    {
        ToyForActivations();
        await Survives(Sae, kills: 100);
    }

    /// <summary>What a save asks of the system, in its order: the folder, the bytes, that they are on the disk, the names, that the old ones go.</summary>
    public static TheoryData<string> SystemCalls => ["mkdir", "pwrite64", "fsync", "rename", "unlink"];

    [Theory, Trait("Category", "Faults")]
    [MemberData(nameof(SystemCalls))]
    public async Task Killed_at_any_step_of_a_save_either_training_ends_as_one_left_alone(string call)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/strace"), "/usr/bin/strace is not installed (Debian: strace).");
        ToyForActivations();
        await SurvivesAt(call, Toy);
        await SurvivesAt(call, Sae);
    }

    // Killed when it makes the call for the first time, the second, and so on until it ends before that.
    async Task SurvivesAt(string call, Func<string, string[]> command)
    {
        var cancellation = TestContext.Current.CancellationToken;
        Assert.Equal(0, (await Run(command("whole"), null, cancellation)).Code);
        var (expected, killed) = (folder.Digests("whole"), 0);
        for (var time = 1; time <= 8; time++)
        {
            string[] training = [.. command("killed"), "--resume", "--checkpoint-every", "0.05"];
            var (code, error) = await Run(training, null, cancellation,
                "strace", "-f", "-qq", "-o", "/dev/null", "-e", $"trace={call}", "-e", $"inject={call}:signal=KILL:when={time}");
            Assert.True(code is 0 or 137, $"exit code {code}: {error}");
            killed += code == 137 ? 1 : 0;
            Assert.Equal(0, (await Run(training, null, cancellation)).Code);
            Assert.Equal(expected, folder.Digests("killed"));
            Directory.Delete(folder["killed"], recursive: true);
        }
        TestContext.Current.SendDiagnosticMessage($"{command("killed")[0]}: {killed} times killed at {call}, and resumed to the same bytes");
        Assert.True(killed >= 2, $"It was killed {killed} times.");
        Assert.Equal(["toy", "whole"], folder.Names().Order());
        Directory.Delete(folder["whole"], recursive: true);
    }

    void ToyForActivations() => Assert.Equal(0, Tool.Run(["toy", .. World, "--steps", "200", "--run", folder["toy"]]).Code);

    // Resumed until it is done, and then all over again until it was killed so often.
    async Task Survives(Func<string, string[]> command, int kills)
    {
        var cancellation = TestContext.Current.CancellationToken;
        var undisturbed = Stopwatch.StartNew();
        Assert.Equal(0, (await Run(command("whole"), null, cancellation)).Code);
        var (expected, takes, random) = (folder.Digests("whole"), undisturbed.Elapsed, new Random(1));
        var (killed, runs) = (0, 0);
        for (; killed < kills; runs++)
        {
            for (; ; )
            {
                var after = killed < kills ? takes * random.NextDouble() : TimeSpan.FromMinutes(10);
                var (code, error) = await Run([.. command("killed"), "--resume", "--checkpoint-every", "0.05"], after, cancellation);
                if (code == 0) break;
                Assert.True(code == 137, $"exit code {code}: {error}");
                killed++;
            }
            Assert.Equal(expected, folder.Digests("killed"));
            Directory.Delete(folder["killed"], recursive: true);
        }
        TestContext.Current.SendDiagnosticMessage($"{killed} kills, {runs} trainings of {takes.TotalSeconds:F1} s resumed to the same bytes");
        Assert.Equal("whole", folder.Names()[^1]);
        Assert.DoesNotContain(folder.Names(), name => name.StartsWith('.'));   // nothing is left of those that were killed
    }

    static async Task<(int Code, string Error)> Run(
        string[] arguments, TimeSpan? killAfter, CancellationToken cancellation, params string[] under)
    {
        string[] all = [.. under, "dotnet", typeof(Session).Assembly.Location, .. arguments];
        var start = new ProcessStartInfo(all[0], all[1..]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["DOTNET_EnableDiagnostics"] = "0";   // no files of its own, whose names and ends would be counted
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(cancellation), process.StandardError.ReadToEndAsync(cancellation));
        var ended = process.WaitForExitAsync(cancellation);
        if (killAfter is { } time && await Task.WhenAny(ended, Task.Delay(time, cancellation)) != ended) process.Kill();
        await ended;
        await output;
        return (process.ExitCode, await error);
    }
}

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
        Assert.DoesNotContain(".killed.checkpoint", folder.Names());
    }

    static async Task<(int Code, string Error)> Run(string[] arguments, TimeSpan? killAfter, CancellationToken cancellation)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", [typeof(Session).Assembly.Location, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(cancellation), process.StandardError.ReadToEndAsync(cancellation));
        var ended = process.WaitForExitAsync(cancellation);
        if (killAfter is { } time && await Task.WhenAny(ended, Task.Delay(time, cancellation)) != ended) process.Kill();
        await ended;
        await output;
        return (process.ExitCode, await error);
    }
}

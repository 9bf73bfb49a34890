using System.Diagnostics;
using Superposition.Cli;
using Superposition.Tests.Storage;
using Xunit;

namespace Superposition.Tests.Cli;

/// <summary>The tool as its own process, because signals go to processes.</summary>
public sealed class InterruptionTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    [Theory]
    [InlineData("INT", 2)]
    [InlineData("TERM", 15)]
    public async Task A_signal_ends_a_training_with_75_and_leaves_a_checkpoint_alone(string signal, int number)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() || OperatingSystem.IsMacOS(), "There are no such signals here.");
        Assert.SkipWhen(IsIgnored(number), $"This process was started with SIG{signal} ignored, and so would its children be.");
        var cancellation = TestContext.Current.CancellationToken;
        using var process = Start("toy", "--features", "3", "--dimensions", "2", "--density", "0.5", "--batch", "8",
            "--steps", "1000000000", "--run", folder["run"]);
        var error = process.StandardError.ReadToEndAsync(cancellation);
        while (folder.Names().Length == 0 && !process.HasExited) await Task.Delay(20, cancellation);
        Assert.All(folder.Names(), name => Assert.StartsWith(".run.partial-", name, StringComparison.Ordinal));
        while (await process.StandardOutput.ReadLineAsync(cancellation) is { } line && !line.StartsWith("toy model: step", StringComparison.Ordinal)) { }
        var output = process.StandardOutput.ReadToEndAsync(cancellation);

        using (var kill = Process.Start("kill", [$"-{signal}", $"{process.Id}"])) await kill.WaitForExitAsync(cancellation);
        var ended = process.WaitForExitAsync(cancellation).WaitAsync(TimeSpan.FromSeconds(60), cancellation);
        try
        {
            await ended;
        }
        finally
        {
            if (!process.HasExited) process.Kill();
        }

        await output;
        Assert.Equal(75, process.ExitCode);
        Assert.Equal(
            $"superposition: Interrupted; what {folder["run"]} was to hold goes on from a checkpoint beside it. Run the same command with --resume.",
            (await error).Trim());
        Assert.Equal(".run.checkpoint", Assert.Single(folder.Names()));
    }

    [Fact]
    public async Task A_process_says_its_progress_in_lines_and_ends_with_0()
    {
        var cancellation = TestContext.Current.CancellationToken;
        using var process = Start(Tool.SmallToy(folder["run"]));
        var output = await process.StandardOutput.ReadToEndAsync(cancellation);
        await process.WaitForExitAsync(cancellation);

        Assert.Equal(0, process.ExitCode);
        Assert.Contains("toy model: step 20 of 20, loss ", output);
        Assert.DoesNotContain('\u001b', output);
        Assert.DoesNotContain('\r', output.ReplaceLineEndings("\n"));
    }

    static Process Start(params string[] arguments) => Process.Start(
        new ProcessStartInfo("dotnet", [typeof(Session).Assembly.Location, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;

    // A job in the background of a shell without job control inherits an ignored SIGINT, which .NET respects.
    static bool IsIgnored(int signal) =>
        File.Exists("/proc/self/status")
        && File.ReadLines("/proc/self/status").FirstOrDefault(line => line.StartsWith("SigIgn:", StringComparison.Ordinal)) is { } mask
        && (Convert.ToUInt64(mask[7..].Trim(), 16) >> (signal - 1) & 1) == 1;

    public void Dispose() => folder.Dispose();
}

using System.Diagnostics;

namespace Superposition.Sweeps;

/// <summary>Trains cells in processes of this machine, a shard each; one that dies loses a batch, and the next round starts it again.</summary>
/// <param name="workers">How many at once; at least 1.</param>
/// <param name="command">What starts one.</param>
public sealed class LocalEngine(int workers, WorkerCommand command) : SweepEngine
{
    internal override void Round(SweepRound round)
    {
        var processes = round.Left.Select(cell => (int)(cell % workers)).Distinct().Order().Select(shard => Start(round.Folder, shard)).ToArray();
        try
        {
            var watch = new JournalWatch(round);
            while (processes.Any(process => !process.HasExited))
            {
                round.Cancellation.ThrowIfCancellationRequested();
                watch.Look();
            }
        }
        finally
        {
            foreach (var process in processes)
            {
                if (!process.HasExited) process.Kill();
                process.WaitForExit();
                process.Dispose();
            }
        }
    }

    Process Start(SweepFolder folder, int shard)
    {
        var log = folder.LogOf(FormattableString.Invariant($"shard-{shard}-of-{workers}.log"));
        var start = new ProcessStartInfo(command.Program, command.Of(folder.Path, FormattableString.Invariant($"{shard}"), workers))
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var limit in WorkerCommand.ThreadLimits)
            start.Environment.TryAdd(limit, FormattableString.Invariant($"{Math.Max(1, Environment.ProcessorCount / workers)}"));
        var process = Process.Start(start)!;
        DataReceivedEventHandler write = (_, line) =>
        {
            if (line.Data is not { } text) return;
            lock (log) File.AppendAllText(log, text + "\n");
        };
        process.OutputDataReceived += write;
        process.ErrorDataReceived += write;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }
}

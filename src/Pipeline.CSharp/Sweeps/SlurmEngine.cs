using System.Diagnostics;
using System.Globalization;
using System.Text;
using Superposition.Storage;

namespace Superposition.Sweeps;

/// <summary>
/// Trains cells on a Slurm cluster: one array job over the shards that have cells left, a log each; what a round leaves over, because tasks were
/// killed, requeued or lost with their node, is submitted again. A driver that is started anew waits for the array that an earlier one left.
/// The sweep's folder must be on a disk that all nodes see under one path.
/// </summary>
/// <param name="shards">Tasks of the array; each should have some minutes of work, for a scheduler starts a few a second.</param>
/// <param name="command">What starts a worker on a node.</param>
/// <param name="options">More options of sbatch, such as <c>--partition=cpu</c> or <c>--time=60</c>.</param>
public sealed class SlurmEngine(int shards, WorkerCommand command, IReadOnlyList<string>? options = null) : SweepEngine
{
    const string TaskId = "$SLURM_ARRAY_TASK_ID";

    internal override void Round(SweepRound round)
    {
        var file = Path.Combine(round.Folder.Path, "slurm.job");
        var job = File.Exists(file) ? File.ReadAllText(file).Trim() : "";
        if (job.Length == 0 || !IsQueued(job))
        {
            job = Submit(round);
            AtomicFile.Write(file, stream => stream.Write(Encoding.UTF8.GetBytes(job)));
        }
        var watch = new JournalWatch(round);
        while (IsQueued(job))
        {
            if (round.Cancellation.IsCancellationRequested) Call("scancel", job);
            round.Cancellation.ThrowIfCancellationRequested();
            watch.Look();
        }
        File.Delete(file);
    }

    string Submit(SweepRound round)
    {
        var script = round.Folder.LogOf("task.sh");
        var limits = string.Concat(WorkerCommand.ThreadLimits.Select(limit => $"export {limit}=\"${{{limit}:-${{SLURM_CPUS_PER_TASK:-1}}}}\"\n"));
        AtomicFile.Write(script, stream => stream.Write(Encoding.UTF8.GetBytes(
            $"#!/bin/sh\n{limits}exec {string.Join(' ', new[] { command.Program }.Concat(command.Of(round.Folder.Path, TaskId, shards)).Select(Quoted))}\n")));
        // Slurm names the job ID or ID;CLUSTER.
        return Call("sbatch",
        [
            "--parsable", "--requeue", "--job-name=superposition-sweep", $"--array={Ranges(round.Left.Select(cell => (int)(cell % shards)))}",
            $"--output={Path.Combine(round.Folder.Logs, "slurm-%A_%a.log")}", "--open-mode=append", .. options ?? [], script,
        ]).Split(';')[0].Trim();
    }

    /// <summary>Numbers as an array takes them: 0-3,5,7-8.</summary>
    internal static string Ranges(IEnumerable<int> numbers)
    {
        var ranges = new List<(int First, int Last)>();
        foreach (var number in numbers.Distinct().Order())
        {
            if (ranges.Count > 0 && ranges[^1].Last == number - 1) ranges[^1] = (ranges[^1].First, number);
            else ranges.Add((number, number));
        }
        return string.Join(',', ranges.Select(range => range.First == range.Last
            ? range.First.ToString(CultureInfo.InvariantCulture)
            : FormattableString.Invariant($"{range.First}-{range.Last}")));
    }

    // The task's number is the shell's to fill in.
    static string Quoted(string argument) => argument == TaskId ? argument : $"'{argument.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    // squeue fails for a job that it has forgotten.
    static bool IsQueued(string job) => Run("squeue", ["--noheader", $"--jobs={job}"]) is { Code: 0, Output: var output } && output.Trim().Length > 0;

    static string Call(string program, params string[] arguments) => Run(program, arguments) is var (code, output, error) && code == 0
        ? output
        : throw new SweepException(program, SweepReason.SchedulerFailed, $"it said: {error.Trim().ReplaceLineEndings(" ")}. Check the options that it was given.");

    static (int Code, string Output, string Error) Run(string program, string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var error = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, output, error.Result);
        }
        catch (System.ComponentModel.Win32Exception cause)
        {
            throw new SweepException(program, SweepReason.SchedulerFailed, "there is no such program here. Run on a machine that submits to Slurm, or choose another engine.", cause);
        }
    }
}

using Superposition.Analysis.Experiments;

namespace Superposition.Cli;

/// <summary>Problems in aligned lines, with the command that answers each.</summary>
static class ProblemTable
{
    /// <summary>All of them, a line each, and how many are answered.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="problems">Which.</param>
    /// <param name="runs">The folder that the commands write to.</param>
    public static void Write(TextWriter output, IReadOnlyCollection<Problem> problems, string runs)
    {
        string[][] rows =
        [
            ["number", "title", "state", "command"],
            .. problems.Select(problem => new[] { problem.Number, problem.Title, problem.State.Words, Command(problem, runs) }),
        ];
        var widths = Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length)).ToArray();
        foreach (var row in rows)
            output.WriteLine(string.Join("  ", row.Zip(widths, (cell, width) => cell.PadRight(width))).TrimEnd());
        output.WriteLine($"{problems.Count(problem => problem.State.IsAnswered)} of {problems.Count} answered");
    }

    /// <summary>One of them.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="problem">Which.</param>
    /// <param name="runs">The folder that the command writes to.</param>
    /// <param name="finding">What its experiment's newest run found; null without a run.</param>
    public static void Write(TextWriter output, Problem problem, string runs, string? finding)
    {
        output.WriteLine($"{problem.Number}  {problem.Title}");
        output.WriteLine($"state    {problem.State.Words}");
        if (!problem.State.IsAnswered)
        {
            if (problem.Needs is { } needs) output.WriteLine($"needs    {needs.Value}");
            return;
        }
        output.WriteLine($"command  {Command(problem, runs)}");
        output.WriteLine($"finding  {finding ?? "No run holds it yet; the command makes one."}");
    }

    static string Command(Problem problem, string runs) =>
        problem.Experiment is { } name ? $"superposition experiment {name.Value} --runs {runs}" : "";
}

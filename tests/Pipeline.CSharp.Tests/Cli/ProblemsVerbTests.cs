using Microsoft.FSharp.Core;
using Superposition.Analysis.Experiments;
using Superposition.Cli;
using Xunit;

namespace Superposition.Tests.Cli;

public sealed class ProblemsVerbTests
{
    [Fact]
    public void The_table_has_a_line_a_problem_and_counts_those_answered()
    {
        var tool = Tool.Run("problems");

        Assert.Equal((0, ""), (tool.Code, tool.Error));
        var lines = Lines(tool.Output);
        Assert.Equal(47, lines.Length);
        Assert.Matches("^number +title +state +command$", lines[0]);
        foreach (var (problem, line) in Problems.all.Zip(lines.Skip(1)))
        {
            Assert.StartsWith($"{problem.Number} ", line);
            Assert.Contains(problem.Title, line);
            Assert.Contains(problem.State.Words, line);
        }
        Assert.Equal($"{Problems.all.Count(problem => problem.State.IsAnswered)} of 45 answered", lines[^1]);
    }

    [Fact]
    public void One_problem_is_told_alone()
    {
        var tool = Tool.Run("problems", "4.21");

        Assert.Equal((0, ""), (tool.Code, tool.Error));
        var lines = Lines(tool.Output);
        Assert.StartsWith("4.21  How do induction heads store", lines[0]);
        Assert.Equal("state    needs a larger model", lines[1]);
        Assert.StartsWith("needs    induction heads", lines[2]);
        Assert.Equal(3, lines.Length);
    }

    [Fact]
    public void A_problem_that_is_not_on_the_list_is_bad_input()
    {
        var tool = Tool.Run("problems", "4.46");

        Assert.Equal((2, ""), (tool.Code, tool.Output));
        Assert.Equal("superposition: There is no problem \"4.46\"; they are numbered 4.1 to 4.45.", tool.Error.TrimEnd());
    }

    static readonly Problem Answered = new("4.7", "Binary features", ProblemState.Answered, FSharpOption<string>.Some("P4.7"), FSharpOption<string>.None);

    [Fact]
    public void An_answered_problem_is_told_with_its_command_and_what_was_found()
    {
        using var output = new StringWriter();
        ProblemTable.Write(output, Answered, "runs", "Pairs form later.");

        Assert.Equal(
            ["4.7  Binary features", "state    answered", "command  superposition experiment P4.7 --runs runs", "finding  Pairs form later."],
            Lines(output.ToString()));
    }

    [Fact]
    public void What_a_larger_model_would_be_needed_for_is_told_of_a_problem_that_needs_one()
    {
        using var output = new StringWriter();
        ProblemTable.Write(
            output, new("4.43", "T5", ProblemState.NeedsLargerModel, FSharpOption<string>.None, FSharpOption<string>.Some("T5 itself")), "runs", null);

        Assert.Equal(["4.43  T5", "state    needs a larger model", "needs    T5 itself"], Lines(output.ToString()));
    }

    [Fact]
    public void Without_a_run_there_is_no_finding_yet()
    {
        using var output = new StringWriter();
        ProblemTable.Write(output, Answered, "runs", null);

        Assert.Equal("finding  No run holds it yet; the command makes one.", Lines(output.ToString())[^1]);
    }

    [Fact]
    public void The_table_is_aligned_and_names_the_command_of_what_is_answered()
    {
        using var output = new StringWriter();
        ProblemTable.Write(output, [Answered, new("4.10", "GELU", ProblemState.Open, FSharpOption<string>.None, FSharpOption<string>.None)], "runs");

        Assert.Equal(
            [
                "number  title            state     command",
                "4.7     Binary features  answered  superposition experiment P4.7 --runs runs",
                "4.10    GELU             open",
                "1 of 2 answered",
            ],
            Lines(output.ToString()));
    }

    static string[] Lines(string text) => text.ReplaceLineEndings("\n").Split('\n', StringSplitOptions.RemoveEmptyEntries);
}

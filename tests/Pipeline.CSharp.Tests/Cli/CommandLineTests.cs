using Xunit;

namespace Superposition.Tests.Cli;

public sealed class CommandLineTests
{
    [Theory]
    [InlineData("expected a verb (toy, sae, show, benchmark, export, browse, questions, experiment, sweep, problems, report), found none.")]
    [InlineData("expected a verb (toy, sae, show, benchmark, export, browse, questions, experiment, sweep, problems, report), found \"tow\".", "tow", "--run", "x")]
    public void A_verb_is_asked_for(string expected, params string[] arguments)
    {
        var tool = Tool.Run(arguments);

        Assert.Equal((2, ""), (tool.Code, tool.Output));
        Assert.Equal($"superposition: {expected}\nsuperposition: see superposition --help.\n", tool.Error.ReplaceLineEndings("\n"));
    }

    [Fact]
    public void An_option_that_is_not_there_is_bad_input()
    {
        var tool = Tool.Run("show", "run", "--colour");

        Assert.Equal(2, tool.Code);
        Assert.Contains("--colour", tool.Error);
        Assert.Contains("see superposition show --help", tool.Error);
    }

    [Theory]
    [InlineData("toy")]
    [InlineData("sae")]
    [InlineData("show")]
    [InlineData("export")]
    [InlineData("browse")]
    [InlineData("experiment")]
    [InlineData("sweep")]
    [InlineData("problems")]
    [InlineData("report")]
    public void Every_verb_has_help_with_examples(string verb)
    {
        var tool = Tool.Run(verb, "--help");

        Assert.Equal((0, ""), (tool.Code, tool.Error));
        Assert.Contains($"Examples:{Environment.NewLine}  superposition {verb}", tool.Output);
    }

    [Fact]
    public void The_help_names_the_verbs_and_the_exit_codes()
    {
        var tool = Tool.Run("--help");

        Assert.Equal(0, tool.Code);
        foreach (var verb in new[] { "toy", "sae", "show", "export", "browse", "experiment", "sweep", "problems", "report" })
            Assert.Contains($"  {verb}", tool.Output);
        Assert.Contains("Exit codes: 0 done, 1 failed, 2 bad input, 75 interrupted.", tool.Output);
    }
}

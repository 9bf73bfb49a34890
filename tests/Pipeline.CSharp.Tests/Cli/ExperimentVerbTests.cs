using Superposition.Analysis.Experiments;
using Xunit;

namespace Superposition.Tests.Cli;

public sealed class ExperimentVerbTests
{
    [Fact]
    public void The_list_names_every_experiment_with_its_title()
    {
        var tool = Tool.Run("experiment", "--list");

        Assert.Equal((0, ""), (tool.Code, tool.Error));
        foreach (var experiment in Catalog.all) Assert.Matches($"(?m)^{experiment.Name} +{experiment.Title}", tool.Output);
    }

    [Fact]
    public void A_misspelt_name_is_bad_input_and_the_nearest_is_named()
    {
        var tool = Tool.Run("experiment", "wrods", "--runs", "anywhere");

        Assert.Equal(2, tool.Code);
        Assert.Contains("Did you mean \"words\"?", tool.Error);
    }

    [Theory]
    [InlineData("Expected the name of an experiment, --all or --list.", "--runs", "x")]
    [InlineData("Expected the name of an experiment, --all or --list.", "words", "--all", "--runs", "x")]
    [InlineData("Expected --quick or --full, found both.", "words", "--quick", "--full", "--runs", "x")]
    [InlineData("Expected --runs, the folder to write to.", "words")]
    public void What_to_run_and_where_is_asked_for(string expected, params string[] given)
    {
        var tool = Tool.Run(["experiment", .. given]);

        Assert.Equal(2, tool.Code);
        Assert.Contains(expected, tool.Error);
    }
}

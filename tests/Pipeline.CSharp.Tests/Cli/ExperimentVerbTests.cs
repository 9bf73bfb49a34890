using System.Text.RegularExpressions;
using Superposition.Analysis.Experiments;
using Superposition.Storage;
using Superposition.Tests.Storage;
using Xunit;

namespace Superposition.Tests.Cli;

public sealed class ExperimentVerbTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    [Fact]
    public void The_list_names_every_experiment_with_its_title_under_its_part()
    {
        var tool = Tool.Run("experiment", "--list");

        Assert.Equal((0, ""), (tool.Code, tool.Error));
        var part = "";
        var listed = new List<(string Part, string Line)>();
        foreach (var line in Lines(tool.Output))
            if (line.StartsWith("  ", StringComparison.Ordinal)) listed.Add((part, line));
            else part = line;
        Assert.Equal(Catalog.all.Length, listed.Count);
        foreach (var (experiment, entry) in Catalog.all.Zip(listed))
        {
            Assert.Equal(experiment.Part.Title, entry.Part);
            Assert.Matches($"^  {Regex.Escape(experiment.Name)} +{Regex.Escape(experiment.Title)}$", entry.Line);
        }
    }

    [Fact]
    public void A_misspelt_name_is_bad_input_and_the_nearest_is_named()
    {
        var tool = Tool.Run("experiment", "wrods", "--runs", folder["runs"]);

        Assert.Equal(2, tool.Code);
        Assert.Contains("Did you mean \"words\"?", tool.Error);
    }

    [Fact]
    public void One_misspelt_name_among_several_and_none_is_run()
    {
        var tool = Tool.Run("experiment", "E1", "pentagon", "--quick", "--runs", folder["runs"]);

        Assert.Equal((2, ""), (tool.Code, tool.Output));
        Assert.Contains("There is no experiment \"pentagon\". There are E1, ", tool.Error);
        Assert.Empty(folder.Names());
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

    [Fact]
    public void Resuming_skips_what_would_be_made_again_and_replaces_the_rest_only_when_asked()
    {
        Leave("recovery", Scale.Quick);
        Leave("E1", Scale.Daily);

        var refused = Resume("e1", "RECOVERY");
        Assert.Equal((2, ""), (refused.Code, refused.Output));
        Assert.Contains("TargetExists", refused.Error);

        var resumed = Resume("e1", "RECOVERY", "--overwrite");
        Assert.Equal((0, ""), (resumed.Code, resumed.Error));
        var lines = Lines(resumed.Output);
        Assert.Equal("E1: Five features in two dimensions, as the paper begins", lines[0]);
        Assert.Equal(
            Claims.Read(RunFolder.Open(folder["E1"], RunKind.Experiment)).Select(claim => claim.ToString()),
            lines.Where(line => line.StartsWith("claim ", StringComparison.Ordinal)));
        Assert.Contains(lines, line => line.StartsWith("claim E1.sparse-pentagon measured=", StringComparison.Ordinal));
        Assert.Equal(Skipped("recovery"), lines[^1]);

        var again = Resume("E1", "recovery", "e1");
        Assert.Equal((0, ""), (again.Code, again.Error));
        Assert.Equal([Skipped("E1"), Skipped("recovery")], Lines(again.Output));
    }

    [Fact]
    public void Resuming_runs_again_what_was_altered()
    {
        Leave("E1", Scale.Quick);
        File.AppendAllText(Path.Combine(folder["E1"], "claims.csv"), "\n");

        var tool = Resume("E1");

        Assert.Equal(2, tool.Code);
        Assert.Contains("TargetExists", tool.Error);
    }

    [Fact]
    public void A_folder_that_is_taken_is_refused_before_anything_is_trained()
    {
        Leave("words", Scale.Quick);

        var tool = Tool.Run("experiment", "E1", "words", "--quick", "--runs", folder[""]);

        Assert.Equal((2, ""), (tool.Code, tool.Output));
        Assert.Contains("TargetExists", tool.Error);
        Assert.Equal(["words"], folder.Names());
    }

    [Fact]
    public void An_interruption_leaves_nothing_of_the_experiment_and_says_how_to_go_on()
    {
        Leave("recovery", Scale.Quick);
        using var stopped = new CancellationTokenSource();
        stopped.Cancel();

        var first = Tool.Run(stopped.Token, "experiment", "E1", "--quick", "--runs", folder[""]);
        var second = Tool.Run(stopped.Token, "experiment", "recovery", "E1", "--quick", "--resume", "--runs", folder[""]);

        Assert.Equal((75, 75), (first.Code, second.Code));
        Assert.Equal(
            ["superposition: Interrupted; nothing was written. Run the same command again to start over."], Lines(first.Error));
        Assert.Equal(
            ["superposition: Interrupted; E1 left nothing, what was done before it is kept. The same command with --resume goes on with E1."],
            Lines(second.Error));
        Assert.Equal(["recovery"], folder.Names());
    }

    Tool Resume(params string[] more) => Tool.Run(["experiment", .. more, "--quick", "--resume", "--runs", folder[""]]);

    string Skipped(string name) => $"{name}: skipped, {Path.Combine(folder[""], name)} holds it as it would be made.";

    // A run as the experiment would leave it, but for what it measured.
    void Leave(string name, Scale scale)
    {
        using var writer = new RunFolderWriter(folder[name]);
        Claims.Write(writer, []);
        writer.Complete(new() { Kind = RunKind.Experiment, Name = name, Recipe = Catalog.find(name).Recipe.Invoke(scale) });
    }

    static string[] Lines(string text) => text.ReplaceLineEndings("\n").Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public void Dispose() => folder.Dispose();
}

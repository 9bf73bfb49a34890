using Superposition.Storage;
using Superposition.Tests.Models;
using Superposition.Tests.Storage;
using Xunit;

namespace Superposition.Tests.Cli;

public sealed class QuestionsVerbTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    [Fact]
    public void Each_answer_is_a_line_beside_its_null_and_a_run_is_left()
    {
        var tool = Tool.Run("questions", "--quick", "--model", Stories.Folder, "--run", folder["run"]);

        Assert.Equal((0, ""), (tool.Code, tool.Error));
        string[] lines = [.. tool.Output.Split('\n').Where(line => line.StartsWith("question ", StringComparison.Ordinal))];   // between lines of progress
        Assert.Equal(11, lines.Length);
        Assert.All(lines, line => Assert.Matches(
            @"^question [a-z-]+ measured=-?[\d.E-]+ interval=\[(-?[\d.E-]+|NaN), (-?[\d.E-]+|NaN)\] null=\[-?[\d.E-]+, -?[\d.E-]+\] p=[\d.]+ verdict=(above-chance|below-chance|chance|found|some) toy=-?[\d.E-]+ toy-verdict=(above-chance|below-chance|chance|found|some)\s*$", line));
        var run = RunFolder.Open(folder["run"], RunKind.Experiment);
        Assert.Equal(11, run.Csv("questions.csv").Count);
        Assert.Equal(12, Claims.Read(run).Count);
        Assert.Equal(2, Tool.Run("questions", "--quick", "--model", Stories.Folder, "--run", folder["run"]).Code);   // a run lies there
    }

    [Theory]
    [InlineData("such as blocks.2.hook_resid_post", "--hook", "blocks.2.mlp.hook_post")]
    [InlineData("The nearest is \"blocks.4.hook_resid_post\"", "--hook", "blocks.5.hook_resid_post")]
    [InlineData("NotModel", "--model", "nowhere")]
    public void What_is_not_there_is_refused_and_nothing_is_left(string said, params string[] given)
    {
        var tool = Tool.Run(["questions", "--quick", "--data", Path.Combine(Stories.Folder, ".."), "--run", folder["run"], .. given]);
        Assert.Equal(2, tool.Code);
        Assert.Contains(said, tool.Error);
        Assert.Empty(folder.Names());
    }

    public void Dispose() => folder.Dispose();
}

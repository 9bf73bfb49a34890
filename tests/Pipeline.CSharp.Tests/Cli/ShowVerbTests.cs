using System.Text.Json;
using Superposition.Storage;
using Superposition.Tests.Storage;
using Xunit;

namespace Superposition.Tests.Cli;

public sealed class ShowVerbTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    [Fact]
    public void A_run_is_told_with_recipe_versions_shapes_and_last_metrics()
    {
        Assert.Equal(0, Tool.Run([.. Tool.SmallToy(folder["run"]), "--instances", "2"]).Code);

        var shown = Tool.Run("show", folder["run"]);

        Assert.Equal(0, shown.Code);
        var words = shown.Output.Split('\n').Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries)));
        foreach (var line in new[]
                 {
                     "kind toy", "name toy n=3 d=2", "status complete", "torchSharp 0.107.0", "world.features 3",
                     "model.optimizer.learningRate 0.001", "W F32 [2, 3, 2]", "importance F64 [3]",
                 })
            Assert.Contains(line, words);
        Assert.Contains("metrics.csv", shown.Output);
        Assert.Contains("rows of step, instance, loss", shown.Output);
        Assert.Contains("  step 20, instance 0, loss ", shown.Output);
        Assert.Contains("  step 20, instance 1, loss ", shown.Output);
    }

    [Fact]
    public void Claims_are_told_as_they_are_written_everywhere()
    {
        var claim = new Claim("E0.half", "A half is a half.", 0.5, 0.49, 0.51, 3, "0.5", 0.01, Verdict.Reproduced, "arithmetic");
        using (var writer = new RunFolderWriter(folder["run"]))
        {
            Claims.Write(writer, [claim]);
            writer.Complete(new() { Kind = RunKind.Experiment, Name = "E0", Recipe = JsonElement.Parse("""{ "seeds": [1, 2, 3] }""") });
        }

        var shown = Tool.Run("show", folder["run"]);

        Assert.Contains($"  {claim}", shown.Output);
        Assert.Contains("seeds  [1,2,3]", shown.Output);
    }

    [Fact]
    public void A_run_that_was_altered_is_bad_input()
    {
        Assert.Equal(0, Tool.Run(Tool.SmallToy(folder["run"])).Code);
        File.AppendAllText(Path.Combine(folder["run"], "metrics.csv"), "1,1,1\n");

        var shown = Tool.Run("show", folder["run"]);

        Assert.Equal(2, shown.Code);
        Assert.Contains("SizeDiffers", shown.Error);
    }

    [Fact]
    public void A_folder_that_is_no_run_is_bad_input()
    {
        var shown = Tool.Run("show", folder["nothing"]);

        Assert.Equal((2, ""), (shown.Code, shown.Output));
        Assert.StartsWith("superposition: RunFolderException (NotARunFolder): ", shown.Error);
    }

    public void Dispose() => folder.Dispose();
}

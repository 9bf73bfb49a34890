using Superposition.Tests.Activations;
using Superposition.Tests.Models;
using Superposition.Tests.Storage;
using Xunit;

namespace Superposition.Tests.Cli;

public sealed class BrowseVerbTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    [Fact]
    public void Words_of_the_run_s_source_are_shown()
    {
        NpyFile.Write(folder["x.npy"], [1, 2, -1, 3, 0.5f, -2], 3, 2);
        File.WriteAllLines(folder["words.txt"], ["one", "</script>", "three"]);
        Train("--npy", folder["x.npy"], "--words", folder["words.txt"]);

        var page = Browse();

        Assert.Contains("Latents of x", page);
        Assert.Contains("\"three\"", page);
        Assert.Contains("\"row\":\"word\"", page);
        Assert.DoesNotContain("href=\"#features\"", page);
    }

    [Fact]
    public void Rows_without_words_have_numbers_and_as_many_are_looked_at_as_asked_for()
    {
        NpyFile.Write(folder["x.npy"], [1, 2, -1, 3, 0.5f, -2], 3, 2);
        Train("--npy", folder["x.npy"]);

        var page = Browse("--rows", "2");

        Assert.Contains("\"row 1\"", page);
        Assert.DoesNotContain("\"row 2\"", page);
    }

    [Fact]
    public void The_true_features_of_a_toy_model_are_shown()
    {
        Assert.Equal(0, Tool.Run(Tool.SmallToy(folder["toy"])).Code);
        Train("--toy", folder["toy"]);

        var page = Browse("--rows", "500");

        Assert.Contains("href=\"#features\"", page);
        Assert.Contains("\"features\":[\"feature 0\",\"feature 1\",\"feature 2\"]", page);
    }

    [Fact]
    public void Tokens_of_a_language_model_stand_in_their_text()
    {
        Train("--model", Stories.Folder, "--hook", "blocks.2.hook_resid_post", "--tokens", "500");

        var page = Browse("--rows", "400");

        Assert.Contains("Latents of blocks.2.hook_resid_post of stories260k", page);
        Assert.Contains("\" Once\"", page);
    }

    [Fact]
    public void The_same_seed_writes_the_same_page()
    {
        NpyFile.Write(folder["x.npy"], [.. Enumerable.Range(0, 400).Select(i => (float)Math.Sin(i * i))], 200, 2);
        Train("--npy", folder["x.npy"]);

        var page = Browse("--seed", "3");

        Assert.Equal(page, Browse("--seed", "3"));
        Assert.NotEqual(page, Browse("--seed", "4"));
    }

    [Theory]
    [InlineData("--rows: expected at least 1, found 0.", "--rows", "0")]
    [InlineData("NotARunFolder", "--rows", "1")]
    public void What_cannot_be_browsed_is_bad_input(string expected, params string[] given)
    {
        var tool = Tool.Run(["browse", folder["run"], "--out", folder["page.html"], .. given]);

        Assert.Equal(2, tool.Code);
        Assert.Contains(expected, tool.Error);
        Assert.False(File.Exists(folder["page.html"]));
    }

    void Train(params string[] source)
    {
        var trained = Tool.Run(
            ["sae", .. source, "--latents", "4", "--k", "1", "--samples", "4000", "--batch", "8", "--run", folder["run"]]);
        Assert.Equal((0, ""), (trained.Code, trained.Error));
    }

    string Browse(params string[] options)
    {
        var tool = Tool.Run(["browse", folder["run"], "--out", folder["page.html"], .. options]);
        Assert.Equal((0, ""), (tool.Code, tool.Error));
        Assert.Equal($"{folder["page.html"]}: 4 latents of {folder["run"]}\n", tool.Output.ReplaceLineEndings("\n"));
        return File.ReadAllText(folder["page.html"]);
    }

    public void Dispose() => folder.Dispose();
}

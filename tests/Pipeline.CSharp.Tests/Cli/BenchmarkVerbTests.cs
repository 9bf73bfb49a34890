using System.Text.RegularExpressions;
using Superposition.Autoencoders;
using Superposition.Tests.Storage;
using Xunit;

namespace Superposition.Tests.Cli;

public sealed class BenchmarkVerbTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_row_is_printed_on_the_way_and_at_the_end_and_a_run_is_left_that_is_kept()
    {
        var tool = Benchmark("--every", "4096");
        Assert.Equal((0, ""), (tool.Code, tool.Error));
        var rows = Rows(tool.Output);
        Assert.Equal(2, rows.Length);
        Assert.All(rows, row => Assert.Matches(
            @"^row small batchtopk l0=[\d.]+ f1=0\.\d{4} mcc=0\.\d{4} uniqueness=[01]\.\d{4} ev=-?\d\.\d{4} dead=[01]\.\d{4} samples=\d+ samples_per_s=", row));
        Assert.Contains("samples=4096 ", rows[0]);
        Assert.Contains("samples=8192 ", rows[1]);

        var run = SparseAutoencoderRun.Read(folder["runs/small-batchtopk-l0-5-seed-1"]);
        Assert.Equal(32, run.Autoencoder.Latents);
        Assert.Equal(5, Assert.IsType<BatchTopKOptions>(run.Recipe.Autoencoder).K);
        Assert.NotNull(run.Recipe.Activations.Synthetic);

        Assert.Equal(2, Benchmark().Code);   // a run lies there
        Assert.Equal(Score(rows[1]), Score(Rows(Benchmark("--resume").Output).Single()));
    }

    [Theory]
    [InlineData("one of batchtopk, matryoshka", "small", "--sae", "transformer", "--runs", "x")]
    [InlineData("small", "large", "--runs", "x")]
    public void What_is_not_there_is_refused_with_what_is(string said, params string[] arguments)
    {
        var tool = Tool.Run(["benchmark", .. arguments]);
        Assert.Equal(2, tool.Code);
        Assert.Contains(said, tool.Error);
    }

    static string[] Rows(string output) => [.. output.Split('\n').Where(line => line.StartsWith("row ", StringComparison.Ordinal)).Select(line => line.TrimEnd())];

    static string Score(string row) => Regex.Replace(row, " samples_per_s=.*", "");

    Tool Benchmark(params string[] more) => Tool.Run(
        ["benchmark", "small", "--sae", "batchtopk", "--latents", "32", "--samples", "8192", "--runs", folder["runs"], .. more]);
}

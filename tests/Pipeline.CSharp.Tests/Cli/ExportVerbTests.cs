using Superposition.Autoencoders;
using Superposition.Tests.Activations;
using Superposition.Tests.Autoencoders;
using Superposition.Tests.Storage;
using Xunit;

namespace Superposition.Tests.Cli;

/// <summary><c>export</c>, and <c>sae --from</c> on what it wrote.</summary>
public sealed class ExportVerbTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    [Theory]
    [InlineData("saelens", "SAELens topk")]
    [InlineData("sparsify", "sparsify topk")]
    public void A_run_is_exported_and_told_again(string format, string told)
    {
        Train();

        var exported = Tool.Run("export", folder["run"], "--to", format, "--out", folder["out"]);

        Assert.Equal((0, ""), (exported.Code, exported.Error));
        AnyAutoencoder.AssertSame(
            SparseAutoencoderRun.Read(folder["run"]).Autoencoder, SparseAutoencoderFile.Read(folder["out"]).Autoencoder);
        var from = Tool.Run("sae", "--from", folder["out"]);
        Assert.Equal((0, ""), (from.Code, from.Error));
        Assert.Equal($"{folder["out"]}: {told}, d=2 m=4 k=1\n", from.Output.ReplaceLineEndings("\n"));
    }

    [Fact]
    public void What_an_autoencoder_does_on_activations_is_told()
    {
        Train();

        var from = Tool.Run("sae", "--from", folder["run"], "--npy", folder["x.npy"]);

        Assert.Equal((0, ""), (from.Code, from.Error));
        Assert.Contains("50 rows: L0 ", from.Output);
        Assert.Contains("explained variance 0.", from.Output);
    }

    [Fact]
    public void An_ONNX_file_is_replaced_only_when_asked()
    {
        Train();
        string[] export = ["export", folder["run"], "--to", "onnx", "--out", folder["sae.onnx"]];
        Assert.Equal(0, Tool.Run(export).Code);
        var again = Tool.Run(export);
        Assert.Equal(2, again.Code);
        Assert.Contains("--overwrite", again.Error);
        Assert.Equal(0, Tool.Run([.. export, "--overwrite"]).Code);
    }

    [Fact]
    public void A_key_nobody_knows_is_told_as_a_warning()
    {
        SaeLensFiles.Write(
            folder["sae"], SaeLensFiles.Config("standard", ("squeeze", 1)), SaeLensFiles.Tensors("W_enc", "b_enc", "W_dec", "b_dec"));
        var from = Tool.Run("sae", "--from", folder["sae"]);
        Assert.Equal(0, from.Code);
        Assert.Contains("warning: ", from.Output);
        Assert.Contains("\"squeeze\"", from.Output);
    }

    [Theory]
    [InlineData("--from trains nothing: leave --k out.", "--from", "a", "--k", "1")]
    [InlineData("--from trains nothing: leave --run out.", "--from", "a", "--run", "b")]
    [InlineData("--from trains nothing: leave the recipe out.", "recipe.json", "--from", "a")]
    [InlineData("Expected --toy, --npy or --model, found 2 of them.", "--from", "a", "--toy", "b", "--npy", "c")]
    public void What_does_not_go_with_from_is_refused(string expected, params string[] given)
    {
        var tool = Tool.Run(["sae", .. given]);
        Assert.Equal(2, tool.Code);
        Assert.Contains(expected, tool.Error);
    }

    [Fact]
    public void A_pickle_and_a_format_that_is_not_there_are_bad_input()
    {
        File.WriteAllBytes(folder["ae.pt"], []);
        var pickle = Tool.Run("sae", "--from", folder["ae.pt"]);
        Assert.Equal(2, pickle.Code);
        Assert.StartsWith("superposition: SparseAutoencoderFileException (Pickle): ", pickle.Error);
        Assert.Equal(2, Tool.Run("export", folder["ae.pt"], "--to", "pickle", "--out", folder["out"]).Code);
    }

    void Train()
    {
        NpyFile.Write(folder["x.npy"], [.. Recorded.Normal(1, 50, 2).SelectMany(row => row)], 50, 2);
        var trained = Tool.Run(
            "sae", "--npy", folder["x.npy"], "--latents", "4", "--k", "1", "--samples", "4000", "--batch", "8", "--run", folder["run"]);
        Assert.Equal(0, trained.Code);
    }

    public void Dispose() => folder.Dispose();
}

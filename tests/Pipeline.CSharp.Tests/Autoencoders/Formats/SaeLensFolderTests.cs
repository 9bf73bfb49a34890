using System.Text.Json.Nodes;
using Superposition.Autoencoders;
using Superposition.DataViews;
using Superposition.Storage;
using Superposition.Tests.Storage;
using Xunit;

namespace Superposition.Tests.Autoencoders;

/// <summary>What is written, and that it is read back; folders made elsewhere are in the tests of reading.</summary>
public sealed class SaeLensFolderTests : IDisposable
{
    const int D = AnyAutoencoder.D, M = AnyAutoencoder.M, Wide = AnyAutoencoder.Wide;

    readonly TemporaryFolder folder = new();

    static readonly string[] OfAll =
    [
        "d_in", "d_sae", "dtype", "device", "apply_b_dec_to_input", "normalize_activations", "reshape_activations",
        "metadata", "architecture",
    ];

    /// <summary>A form, the name SAELens has for it, its tensors beside W_dec and b_dec, its keys beside those of all.</summary>
    public static TheoryData<string, string, string[], string[]> Named => new()
    {
        { "relu", "standard", ["W_enc", "b_enc"], [] },
        { "relu that does not centre", "standard", ["W_enc", "b_enc"], [] },
        { "topK", "topk", ["W_enc", "b_enc"], ["k", "rescale_acts_by_decoder_norm"] },
        { "topK that does not centre", "topk", ["W_enc", "b_enc"], ["k", "rescale_acts_by_decoder_norm"] },
        { "jumpRelu", "jumprelu", ["W_enc", "b_enc", "threshold"], [] },
        { "gated", "gated", ["W_enc", "b_gate", "b_mag", "r_mag"], [] },
        { "matching pursuit", "matching_pursuit", [], ["max_iterations", "residual_threshold", "stop_on_duplicate_support"] },
        { "matching pursuit that stops", "matching_pursuit", [], ["max_iterations", "residual_threshold", "stop_on_duplicate_support"] },
        { "transcoder", "transcoder", ["W_enc", "b_enc"], ["d_out"] },
        { "transcoder with skip", "skip_transcoder", ["W_enc", "W_skip", "b_enc"], ["d_out"] },
        { "jumpRelu transcoder", "jumprelu_transcoder", ["W_enc", "b_enc", "threshold"], ["d_out"] },
        { "jumpRelu transcoder with skip", "jumprelu_skip_transcoder", ["W_enc", "W_skip", "b_enc", "threshold"], ["d_out"] },
    };

    [Theory]
    [MemberData(nameof(Named))]
    public void What_is_written_has_the_names_shapes_and_keys_of_SAELens(string form, string architecture, string[] tensors, string[] keys)
    {
        var autoencoder = AnyAutoencoder.Forms[form];
        SaeLensFolder.Write(folder["sae"], autoencoder);

        var names = new DirectoryInfo(folder["sae"]).GetFiles().Select(file => file.Name);
        Assert.Equal(["cfg.json", "sae_weights.safetensors"], names.Order(StringComparer.Ordinal));
        var weights = Safetensors.Read(Path.Combine(folder["sae"], "sae_weights.safetensors"));
        Assert.Equal(tensors.Append("W_dec").Append("b_dec").Order(StringComparer.Ordinal), weights.Keys.Order(StringComparer.Ordinal));
        var width = autoencoder.OutputDimensions;
        foreach (var (name, array) in weights)
        {
            Assert.Equal(ElementType.F32, array.Type);
            long[] shape = name switch { "W_enc" => [D, M], "W_dec" => [M, width], "b_dec" => [width], "W_skip" => [Wide, D], _ => [M] };
            Assert.Equal(shape, array.Shape);
        }
        var config = JsonNode.Parse(File.ReadAllText(Path.Combine(folder["sae"], "cfg.json")))!.AsObject();
        Assert.Equal(
            keys.Concat(OfAll).Order(StringComparer.Ordinal),
            config.Select(member => member.Key).Order(StringComparer.Ordinal));
        Assert.Equal(architecture, (string)config["architecture"]!);
        Assert.Equal((D, M), ((int)config["d_in"]!, (int)config["d_sae"]!));
        Assert.Equal(("float32", "none"), ((string)config["dtype"]!, (string)config["normalize_activations"]!));
        Assert.Equal(autoencoder.CentresInput, (bool)config["apply_b_dec_to_input"]!);
        // Below 6 its loader would convert what need not be.
        Assert.StartsWith("6.", (string)config["metadata"]!["sae_lens_version"]!);
    }

    [Theory]
    [MemberData(nameof(Named))]
    public void What_is_written_is_read_back_to_the_bit(string form, string architecture, string[] tensors, string[] keys)
    {
        SaeLensFolder.Write(folder["sae"], AnyAutoencoder.Forms[form]);
        var loaded = SparseAutoencoderFile.Read(folder["sae"]);
        AnyAutoencoder.AssertSame(AnyAutoencoder.Forms[form], loaded.Autoencoder);
        Assert.Equal($"SAELens {architecture}", loaded.Format);
        Assert.Empty(loaded.Warnings);
        Assert.Null(loaded.Autoencoder.Firing);
        Assert.NotEmpty(tensors.Concat(keys).Append(architecture));
    }

    [Theory]
    [InlineData("absTopK", "AbsTopK")]
    [InlineData("batchTopK", "BatchTopK")]
    [InlineData("matching pursuit of another encoder", "not its decoder transposed")]
    [InlineData("topK transcoder", "a transcoder with TopK")]
    [InlineData("topK with skip of one width", "a transcoder with TopK")]
    public void What_SAELens_has_no_name_for_is_refused_and_nothing_is_written(string form, string said)
    {
        var error = Assert.Throws<SparseAutoencoderFileException>(() => SaeLensFolder.Write(folder["sae"], AnyAutoencoder.Forms[form]));
        Assert.Equal(SparseAutoencoderFileReason.NotInFormat, error.Reason);
        Assert.Contains(said, error.Message);
        Assert.Contains("run folder", error.Message);
        Assert.Empty(folder.Names());
    }

    [Fact]
    public void Numbers_that_SAELens_would_pass_over_are_refused()
    {
        foreach (var autoencoder in new[]
                 {
                     AnyAutoencoder.Forms["gated"] with { EncoderBias = AnyAutoencoder.Normal(1, M) },
                     AnyAutoencoder.Forms["matching pursuit"] with { EncoderBias = AnyAutoencoder.Normal(1, M) },
                     AnyAutoencoder.Forms["matching pursuit"] with { CentresInput = false },
                     AnyAutoencoder.Forms["transcoder"] with { CentresInput = true },
                     AnyAutoencoder.Of(1, new TopKActivation(M + 1)),
                 })
            Assert.Equal(SparseAutoencoderFileReason.NotInFormat,
                Assert.Throws<SparseAutoencoderFileException>(() => SaeLensFolder.Write(folder["sae"], autoencoder)).Reason);
        var broken = AnyAutoencoder.Forms["relu"] with { EncoderBias = [float.NaN, .. new float[M - 1]] };
        Assert.Equal(SparseAutoencoderFileReason.NotFinite,
            Assert.Throws<SparseAutoencoderFileException>(() => SaeLensFolder.Write(folder["sae"], broken)).Reason);
        Assert.Empty(folder.Names());
    }

    [Fact]
    public void How_often_latents_fired_is_written_as_a_logarithm()
    {
        float[] firing = [0, 1, 0.5f, 1e-6f, 0.25f, 0.125f, 1e-3f, 0.9f, 0.1f];
        SaeLensFolder.Write(folder["sae"], AnyAutoencoder.Forms["relu"] with { Firing = firing });
        var sparsity = Safetensors.Read(Path.Combine(folder["sae"], "sparsity.safetensors")).Shaped("sparsity", M).ToSingles();
        Assert.Equal(-10, sparsity[0]);   // log₁₀(0 + 1e-10)
        Assert.Equal(MathF.Log10(0.5f), sparsity[2], 1e-6);
        var read = SparseAutoencoderFile.Read(folder["sae"]).Autoencoder.Firing!;
        foreach (var (written, found) in firing.Zip(read)) Assert.Equal(written, found, 1e-5 * written + 1e-15);
    }

    [Fact]
    public void A_folder_that_is_there_is_replaced_only_when_asked()
    {
        SaeLensFolder.Write(folder["sae"], AnyAutoencoder.Forms["relu"]);
        Assert.Throws<FileWriteException>(() => SaeLensFolder.Write(folder["sae"], AnyAutoencoder.Forms["topK"]));
        SaeLensFolder.Write(folder["sae"], AnyAutoencoder.Forms["topK"], overwrite: true);
        AnyAutoencoder.AssertSame(AnyAutoencoder.Forms["topK"], SparseAutoencoderFile.Read(folder["sae"]).Autoencoder);
    }

    [Fact]
    public void The_same_autoencoder_gives_the_same_bytes()
    {
        SaeLensFolder.Write(folder["a"], AnyAutoencoder.Forms["jumpRelu"]);
        SaeLensFolder.Write(folder["b"], AnyAutoencoder.Forms["jumpRelu"]);
        SparseAutoencoderRunTests.AssertSameFiles(folder["a"], folder["b"]);
    }

    public void Dispose() => folder.Dispose();
}

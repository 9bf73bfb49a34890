using System.Text.Json.Nodes;
using Superposition.Autoencoders;
using Superposition.DataViews;
using Superposition.Storage;
using Superposition.Tests.Storage;
using Xunit;

namespace Superposition.Tests.Autoencoders;

public sealed class SparsifyFolderTests : IDisposable
{
    const int D = AnyAutoencoder.D, M = AnyAutoencoder.M;

    readonly TemporaryFolder folder = new();

    public static TheoryData<string> Named => ["topK", "topK that does not centre", "topK with skip of one width"];

    [Theory]
    [MemberData(nameof(Named))]
    public void What_is_written_is_read_back_to_the_bit(string form)
    {
        SparsifyFolder.Write(folder["sae"], AnyAutoencoder.Forms[form]);
        var loaded = SparseAutoencoderFile.Read(folder["sae"]);
        AnyAutoencoder.AssertSame(AnyAutoencoder.Forms[form], loaded.Autoencoder);
        Assert.Equal("sparsify topk", loaded.Format);
        Assert.Empty(loaded.Warnings);
    }

    [Fact]
    public void What_is_written_has_the_names_shapes_and_keys_of_sparsify()
    {
        SparsifyFolder.Write(folder["sae"], AnyAutoencoder.Forms["topK with skip of one width"]);
        var weights = Safetensors.Read(Path.Combine(folder["sae"], "sae.safetensors"));
        Assert.Equal(5, weights.Count);
        foreach (var (name, shape) in new (string, long[])[]
                 {
                     ("encoder.weight", [M, D]), ("encoder.bias", [M]), ("W_dec", [M, D]), ("b_dec", [D]), ("W_skip", [D, D]),
                 })
            Assert.Equal(ElementType.F32, weights.Shaped(name, shape).Type);
        var encoder = Rows.Transposed(Rows.Matrix(weights["encoder.weight"].ToSingles(), M));
        Assert.Equal(AnyAutoencoder.Forms["topK with skip of one width"].Encoder, encoder);
        var config = JsonNode.Parse(File.ReadAllText(Path.Combine(folder["sae"], "cfg.json")))!.AsObject();
        Assert.Equal(
            [
                "activation", "d_in", "expansion_factor", "k", "multi_topk", "normalize_decoder", "num_latents", "skip_connection",
                "transcode",
            ],
            config.Select(member => member.Key).Order(StringComparer.Ordinal));
        Assert.Equal((3, M, D), ((int)config["k"]!, (int)config["num_latents"]!, (int)config["d_in"]!));
        Assert.True((bool)config["skip_connection"]! && (bool)config["transcode"]!);
    }

    [Fact]
    public void Every_other_form_is_refused_and_nothing_is_written()
    {
        foreach (var (form, autoencoder) in AnyAutoencoder.Forms)
            if (!Named.Any(row => row.Data == form))
            {
                var error = Assert.Throws<SparseAutoencoderFileException>(() => SparsifyFolder.Write(folder["sae"], autoencoder));
                Assert.Equal(SparseAutoencoderFileReason.NotInFormat, error.Reason);
            }
        Assert.Empty(folder.Names());
    }

    [Fact]
    public void An_old_configuration_without_an_activation_is_TopK()
    {
        Write(new JsonObject
        {
            ["d_in"] = D, ["k"] = 2, ["expansion_factor"] = 32, ["normalize_decoder"] = true, ["num_latents"] = 0, ["signed"] = false,
        });
        var loaded = SparseAutoencoderFile.Read(folder["sae"]);
        Assert.Equal(new TopKActivation(2), loaded.Autoencoder.Activation);
        Assert.True(loaded.Autoencoder.CentresInput);
        Assert.Empty(loaded.Warnings);
    }

    [Fact]
    public void An_unknown_key_is_warned_of_by_name()
    {
        Write(new JsonObject { ["d_in"] = D, ["k"] = 2, ["squeeze"] = 1 });
        Assert.Contains("\"squeeze\"", Assert.Single(SparseAutoencoderFile.Read(folder["sae"]).Warnings));
    }

    /// <summary>A key, its value (null to leave it out), and why it is not read.</summary>
    public static TheoryData<string, string?, SparseAutoencoderFileReason> Refusals => new()
    {
        { "d_in", null, SparseAutoencoderFileReason.KeyMissing },
        { "k", null, SparseAutoencoderFileReason.KeyMissing },
        { "k", "10", SparseAutoencoderFileReason.KeyInvalid },
        { "k", "1e30", SparseAutoencoderFileReason.KeyInvalid },
        { "activation", "\"groupmax\"", SparseAutoencoderFileReason.UnknownArchitecture },
        { "signed", "true", SparseAutoencoderFileReason.NotServed },
        { "embed_skip", "true", SparseAutoencoderFileReason.NotServed },
        { "gram_lookup", "true", SparseAutoencoderFileReason.NotServed },
        { "skip_connection", "true", SparseAutoencoderFileReason.TensorMissing },
        { "d_in", "6", SparseAutoencoderFileReason.ShapesDisagree },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public void What_is_not_certain_is_refused(string key, string? value, SparseAutoencoderFileReason reason)
    {
        var config = new JsonObject { ["d_in"] = D, ["k"] = 2, ["activation"] = "topk" };
        config.Remove(key);
        if (value is not null) config[key] = JsonNode.Parse(value);
        Write(config);
        Assert.Equal(reason, SaeLensFiles.Refused(folder["sae"]).Reason);
    }

    [Fact]
    public void A_transposed_decoder_and_a_skip_that_was_not_announced_are_refused()
    {
        var config = new JsonObject { ["d_in"] = D, ["k"] = 2 };
        Write(config, ("W_dec", StoredArray.Of(new float[D * M], D, M)));
        Assert.Equal(SparseAutoencoderFileReason.ShapesDisagree, SaeLensFiles.Refused(folder["sae"]).Reason);
        Write(config, ("W_skip", StoredArray.Of(new float[D * D], D, D)));
        Assert.Equal(SparseAutoencoderFileReason.TensorUnexpected, SaeLensFiles.Refused(folder["sae"]).Reason);
    }

    void Write(JsonObject config, params (string Name, StoredArray Array)[] instead)
    {
        Directory.CreateDirectory(folder["sae"]);
        File.WriteAllText(Path.Combine(folder["sae"], "cfg.json"), config.ToJsonString());
        var tensors = new Dictionary<string, StoredArray>
        {
            ["encoder.weight"] = StoredArray.Of(AnyAutoencoder.Normal(1, M * D), M, D),
            ["encoder.bias"] = StoredArray.Of(AnyAutoencoder.Normal(2, M), M),
            ["W_dec"] = StoredArray.Of(AnyAutoencoder.Normal(3, M * D), M, D),
            ["b_dec"] = StoredArray.Of(AnyAutoencoder.Normal(4, D), D),
        };
        foreach (var (name, array) in instead) tensors[name] = array;
        Safetensors.Write(Path.Combine(folder["sae"], "sae.safetensors"), tensors);
    }

    public void Dispose() => folder.Dispose();
}

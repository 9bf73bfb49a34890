using System.Text.Json.Nodes;
using Superposition.Autoencoders;
using Superposition.Storage;

namespace Superposition.Tests.Autoencoders;

/// <summary>SAELens folders put together by hand, as its own code would leave them or not.</summary>
static class SaeLensFiles
{
    const int D = AnyAutoencoder.D, M = AnyAutoencoder.M;

    /// <summary>A cfg.json of version 6 with the keys every architecture has, and more.</summary>
    public static JsonObject Config(string architecture, params (string Key, JsonNode? Value)[] more)
    {
        var config = new JsonObject
        {
            ["d_in"] = D, ["d_sae"] = M, ["dtype"] = "float32", ["device"] = "cpu", ["apply_b_dec_to_input"] = true,
            ["normalize_activations"] = "none", ["reshape_activations"] = "none",
            ["metadata"] = new JsonObject
            {
                ["sae_lens_version"] = "6.26.2", ["model_name"] = "gpt2-small", ["hook_name"] = "blocks.8.hook_resid_pre",
            },
            ["architecture"] = architecture,
        };
        foreach (var (key, value) in more) config[key] = value;
        return config;
    }

    /// <summary>Random tensors of those names, each of the shape it has in every architecture without a width of its own.</summary>
    public static Dictionary<string, StoredArray> Tensors(params string[] names) => names.ToDictionary(name => name, name =>
    {
        long[] shape = name switch { "W_enc" => [D, M], "W_dec" => [M, D], "b_dec" => [D], _ => [M] };
        var count = (int)shape.Aggregate(1L, (product, axis) => product * axis);
        return StoredArray.Of(AnyAutoencoder.Normal(name.Length + name[^1], count), shape);
    });

    /// <summary>Writes both.</summary>
    public static void Write(string path, JsonObject config, Dictionary<string, StoredArray> tensors) =>
        Write(path, config.ToJsonString(), tensors);

    /// <summary>Writes both, the configuration as text.</summary>
    public static void Write(string path, string config, Dictionary<string, StoredArray> tensors)
    {
        Directory.CreateDirectory(path);
        File.WriteAllText(Path.Combine(path, "cfg.json"), config);
        Safetensors.Write(Path.Combine(path, "sae_weights.safetensors"), tensors);
    }

    /// <summary>The error of a folder that is not read.</summary>
    public static SparseAutoencoderFileException Refused(string path) =>
        Xunit.Assert.Throws<SparseAutoencoderFileException>(() => SparseAutoencoderFile.Read(path));
}

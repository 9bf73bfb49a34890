using System.Text.Json;
using Superposition.DataViews;
using Superposition.Storage;

namespace Superposition.Autoencoders;

/// <summary>
/// A folder as EleutherAI's sparsify leaves it for each hook point: <c>cfg.json</c> and <c>sae.safetensors</c> of encoder.weight [m, d],
/// encoder.bias [m], W_dec [m, d], b_dec [d] and perhaps W_skip [d, d]. It has TopK alone; its transcoders take no b_dec off, and have one
/// width (sparsify sparse_coder.py, config.py).
/// </summary>
public static class SparsifyFolder
{
    internal const string ConfigName = "cfg.json", WeightsName = "sae.safetensors";
    const string Format = "sparsify";

    /// <summary>The autoencoder in the folder.</summary>
    /// <exception cref="SparseAutoencoderFileException">It is not as it must be; see the reason.</exception>
    /// <exception cref="SafetensorsException">The weights break a rule of their format.</exception>
    public static LoadedAutoencoder Read(string path)
    {
        var config = FormatConfig.Read(Path.Combine(path, ConfigName));
        if (config.Text("activation", "topk") != "topk") throw config.UnknownArchitecture("activation", "topk");
        foreach (var key in (string[])["signed", "embed_skip", "gram_lookup"])
            if (config.Flag(key, false))
                throw config.NotServed(key, "it changes what is computed, and is not served here. Take another autoencoder.");
        int d = config.Count("d_in"), k = config.Count("k");
        config.Know("expansion_factor", "num_latents", "normalize_decoder", "multi_topk", "lookup_max_order", "gram_table_hash");

        var file = Path.Combine(path, WeightsName);
        var tensors = new FormatTensors(file, SaeLensFolder.Weights(file));
        var m = tensors.Size("encoder.weight").Rows;
        if (k > m) throw config.Invalid("k", $"at most the {m} latents of the weights");
        var autoencoder = tensors.Finite(new(
            Rows.Transposed(tensors.Matrix("encoder.weight", m, d)), tensors.Vector("encoder.bias", m),
            tensors.Matrix("W_dec", m, d), tensors.Vector("b_dec", d), new TopKActivation(k))
        {
            CentresInput = !config.Flag("transcode", false),
            Skip = config.Flag("skip_connection", false) ? tensors.Matrix("W_skip", d, d) : null,
        });
        tensors.EnsureNoneLeft("topk");
        return new(autoencoder, $"{Format} topk", [.. config.Warnings()]);
    }

    /// <summary>
    /// Writes the folder, whole or not at all; what is read back is equal to the bit. <see cref="SparseAutoencoder.Firing"/> has no place
    /// in it.
    /// </summary>
    /// <param name="path">The folder to be.</param>
    /// <param name="autoencoder">TopK, of one width.</param>
    /// <param name="overwrite">Whether such a folder that lies there is replaced.</param>
    /// <exception cref="SparseAutoencoderFileException">The format has no name for this autoencoder.</exception>
    /// <exception cref="FileWriteException">The folder cannot be written.</exception>
    public static void Write(string path, SparseAutoencoder autoencoder, bool overwrite = false)
    {
        if (autoencoder.Activation is not TopKActivation(var k))
            throw SparseAutoencoderFileException.NotInFormat(path, Format, autoencoder.Activation.GetType().Name);
        int d = autoencoder.Dimensions, m = autoencoder.Latents;
        if (k > m) throw SparseAutoencoderFileException.NotInFormat(path, Format, $"a k of {k} of {m} latents");
        if (autoencoder.OutputDimensions != d)
            throw SparseAutoencoderFileException.NotInFormat(path, Format,
                $"a transcoder from {d} to {autoencoder.OutputDimensions} dimensions");
        SaeLensFolder.EnsureFinite(path, autoencoder);

        var tensors = new Dictionary<string, StoredArray>
        {
            ["encoder.weight"] = StoredArray.Of(Rows.Flat(Rows.Transposed(autoencoder.Encoder)), m, d),
            ["encoder.bias"] = StoredArray.Of(autoencoder.EncoderBias, m),
            ["W_dec"] = StoredArray.Of(Rows.Flat(autoencoder.Decoder), m, d),
            ["b_dec"] = StoredArray.Of(autoencoder.DecoderBias, d),
        };
        if (autoencoder.Skip is { } skip) tensors["W_skip"] = StoredArray.Of(Rows.Flat(skip), d, d);
        AtomicFolder.Write(path, overwrite, [ConfigName, WeightsName], folder =>
        {
            Safetensors.Write(Path.Combine(folder, WeightsName), tensors);
            AtomicFile.Write(Path.Combine(folder, ConfigName), stream => JsonSerializer.Serialize(stream, new Dictionary<string, object>
            {
                ["activation"] = "topk",
                ["expansion_factor"] = Math.Max(1, m / d),   // not looked at where num_latents is not 0
                ["normalize_decoder"] = false,
                ["num_latents"] = m,
                ["k"] = k,
                ["multi_topk"] = false,
                ["skip_connection"] = autoencoder.Skip is not null,
                ["transcode"] = !autoencoder.CentresInput,
                ["d_in"] = d,
            }));
        });
    }
}

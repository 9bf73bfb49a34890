using Superposition.Storage;

namespace Superposition.Autoencoders;

/// <summary>
/// Gemma Scope's <c>params.npz</c>: a JumpReLU autoencoder, or transcoder, in five arrays W_enc [d, m], b_enc [m], W_dec [m, d′],
/// b_dec [d′] and threshold [m]; the matrices' names may be in lower case. b_dec is not taken off the input (Lieberum et al. 2024,
/// "Gemma Scope", §3; SAELens pretrained_sae_loaders.py).
/// </summary>
public static class GemmaScopeFile
{
    static readonly string[] Names = ["W_enc", "w_enc", "W_dec", "w_dec", "b_enc", "b_dec", "threshold"];

    /// <summary>The autoencoder in the file.</summary>
    /// <exception cref="SparseAutoencoderFileException">An array is missing or has another shape than the others say.</exception>
    /// <exception cref="NpyException">The archive is damaged, or holds something else.</exception>
    public static LoadedAutoencoder Read(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        return Read(stream, path);
    }

    internal static LoadedAutoencoder Read(Stream stream, string path)
    {
        var arrays = new FormatTensors(path, Npz.Read(stream, path, Names));
        string encoder = arrays.Has("w_enc") ? "w_enc" : "W_enc", decoder = arrays.Has("w_dec") ? "w_dec" : "W_dec";
        var ((d, m), (_, width)) = (arrays.Size(encoder), arrays.Size(decoder));
        var autoencoder = arrays.Finite(new(
            arrays.Matrix(encoder, d, m), arrays.Vector("b_enc", m), arrays.Matrix(decoder, m, width), arrays.Vector("b_dec", width),
            new JumpReluActivation(arrays.Thresholds(m, "Without it the autoencoder would be another one: copy the file again.")))
        {
            CentresInput = false,
        });
        arrays.EnsureNoneLeft("Gemma Scope");
        var isOfEmbeddings = path.Split('/', '\\').Any(part => part.StartsWith("embedding", StringComparison.Ordinal));
        return new(autoencoder, "Gemma Scope jumprelu", isOfEmbeddings
            ? [$"{path}: by its name this one is of embeddings. It was trained on them multiplied by √d, as the model does: give it those."]
            : []);
    }
}

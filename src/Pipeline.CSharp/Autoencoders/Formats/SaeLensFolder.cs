using System.Text.Json;
using Superposition.DataViews;
using Superposition.Storage;

namespace Superposition.Autoencoders;

/// <summary>
/// A folder as SAELens leaves it: <c>cfg.json</c>, <c>sae_weights.safetensors</c> (W_enc [d, m], b_enc [m], W_dec [m, d′], b_dec [d′],
/// threshold, b_gate, r_mag, b_mag [m], W_skip [d′, d], as the architecture has them) and perhaps <c>sparsity.safetensors</c>, log₁₀ of how
/// often each latent fired (SAELens saes/*.py; written as version 6.38 has it).
/// </summary>
public static class SaeLensFolder
{
    internal const string ConfigName = "cfg.json", WeightsName = "sae_weights.safetensors";
    internal const string Format = "SAELens", Sparsity = "sparsity";
    const string SparsityName = "sparsity.safetensors", ScalerName = "activation_scaler.json";

    /// <summary>Added to a frequency before its logarithm is taken.</summary>
    internal const double LeastFrequency = 1e-10;

    /// <summary>
    /// The autoencoder in the folder, computing what SAELens would: norms of decoder rows and a factor of the activations are folded into
    /// the weights, which is exact; what cannot be, is refused.
    /// </summary>
    /// <exception cref="SparseAutoencoderFileException">It is not as it must be; see the reason.</exception>
    /// <exception cref="SafetensorsException">The weights break a rule of their format.</exception>
    public static LoadedAutoencoder Read(string path)
    {
        var config = SaeLensConfig.Read(Path.Combine(path, ConfigName));
        var file = Path.Combine(path, WeightsName);
        var tensors = new FormatTensors(file, Weights(file));
        var autoencoder = SaeLensReading.Of(config, tensors);
        tensors.PassOverOnes("scaling_factor");   // old versions wrote it whether it was used or not
        tensors.EnsureNoneLeft(config.Architecture);
        if (config.RescalesByNorm) autoencoder = SaeLensReading.Folded(autoencoder);
        if (config.ScalesInput) autoencoder = autoencoder.ForUnscaled(SaeLensReading.ScaleOf(Path.Combine(path, ScalerName)));
        autoencoder = autoencoder with { Firing = SaeLensReading.FiringOf(Path.Combine(path, SparsityName), config.Latents) };
        return new(tensors.Finite(autoencoder), $"{Format} {config.Architecture}", config.Warnings);
    }

    /// <summary>
    /// Writes the folder, whole or not at all; what is read back is equal to the bit, but for <see cref="SparseAutoencoder.Firing"/>, whose
    /// logarithm is rounded.
    /// </summary>
    /// <param name="path">The folder to be.</param>
    /// <param name="autoencoder">Of any architecture the format has a name for.</param>
    /// <param name="overwrite">Whether such a folder that lies there is replaced.</param>
    /// <exception cref="SparseAutoencoderFileException">The format has no name for this autoencoder.</exception>
    /// <exception cref="FileWriteException">The folder cannot be written.</exception>
    public static void Write(string path, SparseAutoencoder autoencoder, bool overwrite = false)
    {
        var architecture = SaeLensWriting.ArchitectureOf(path, autoencoder);
        EnsureFinite(path, autoencoder);
        AtomicFolder.Write(path, overwrite, [ConfigName, WeightsName, SparsityName], folder =>
        {
            Safetensors.Write(Path.Combine(folder, WeightsName), SaeLensWriting.Tensors(architecture, autoencoder));
            if (autoencoder.Firing is { } firing)
                Safetensors.Write(Path.Combine(folder, SparsityName), SaeLensWriting.Sparsity(firing));
            AtomicFile.Write(Path.Combine(folder, ConfigName),
                stream => JsonSerializer.Serialize(stream, SaeLensWriting.Config(architecture, autoencoder)));
        });
    }

    internal static SafetensorsFile Weights(string file) => File.Exists(file)
        ? Safetensors.Read(file)
        : throw new SparseAutoencoderFileException(file, SparseAutoencoderFileReason.FileMissing,
            "there is no such file beside the configuration. Copy it too.");

    internal static void EnsureFinite(string path, SparseAutoencoder autoencoder)
    {
        if (!autoencoder.IsFinite())
            throw new SparseAutoencoderFileException(path, SparseAutoencoderFileReason.NotFinite,
                "a weight is NaN or infinite. Nothing was written.");
    }
}

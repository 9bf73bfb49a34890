using Superposition.DataViews;
using Superposition.Storage;

namespace Superposition.Autoencoders;

/// <summary>From an autoencoder to SAELens's tensors and keys.</summary>
internal static class SaeLensWriting
{
    /// <summary>The version whose layout is written.</summary>
    const string Layout = "6.38.0";

    /// <summary>The name SAELens has for it.</summary>
    /// <exception cref="SparseAutoencoderFileException">It has none.</exception>
    public static string ArchitectureOf(string path, SparseAutoencoder autoencoder)
    {
        var isTranscoder = autoencoder.Skip is not null || autoencoder.OutputDimensions != autoencoder.Dimensions;
        if (isTranscoder && autoencoder.CentresInput)
            throw Unnamed(path, "a transcoder that takes b_dec off its input");
        return (autoencoder.Activation, isTranscoder, autoencoder.Skip is not null) switch
        {
            (ReluActivation, false, _) => SaeLensConfig.Standard,
            (ReluActivation, _, false) => SaeLensConfig.Transcoder,
            (ReluActivation, _, _) => SaeLensConfig.SkipTranscoder,
            (JumpReluActivation, false, _) => SaeLensConfig.JumpRelu,
            (JumpReluActivation, _, false) => SaeLensConfig.JumpReluTranscoder,
            (JumpReluActivation, _, _) => SaeLensConfig.JumpReluSkipTranscoder,
            (TopKActivation(var k), false, _) when k <= autoencoder.Latents => SaeLensConfig.TopK,
            (TopKActivation(var k), false, _) => throw Unnamed(path, $"a k of {k} of {autoencoder.Latents} latents"),
            (GatedActivation, false, _) when HasNoBias(autoencoder) => SaeLensConfig.Gated,
            (GatedActivation, false, _) => throw Unnamed(path, "a gated autoencoder with a b_enc other than 0"),
            (MatchingPursuitActivation, false, _) => Pursuit(path, autoencoder),
            (_, true, _) => throw Unnamed(path, $"a transcoder with {autoencoder.Activation.GetType().Name}"),
            _ => throw Unnamed(path, autoencoder.Activation.GetType().Name),
        };
    }

    static string Pursuit(string path, SparseAutoencoder autoencoder)
    {
        var unnamed = autoencoder switch
        {
            _ when !HasNoBias(autoencoder) => "matching pursuit with a b_enc other than 0",
            { CentresInput: false } when autoencoder.DecoderBias.Any(bias => bias != 0) =>
                "matching pursuit that adds a b_dec it does not take off",
            _ when !Rows.Flat(autoencoder.Encoder).SequenceEqual(Rows.Flat(Rows.Transposed(autoencoder.Decoder))) =>
                "matching pursuit whose encoder is not its decoder transposed",
            _ => null,
        };
        return unnamed is null ? SaeLensConfig.MatchingPursuit : throw Unnamed(path, unnamed);
    }

    static SparseAutoencoderFileException Unnamed(string path, string what) =>
        SparseAutoencoderFileException.NotInFormat(path, SaeLensFolder.Format, what);

    static bool HasNoBias(SparseAutoencoder autoencoder) => autoencoder.EncoderBias.All(bias => bias == 0);

    /// <summary>What stands in sae_weights.safetensors.</summary>
    public static Dictionary<string, StoredArray> Tensors(string architecture, SparseAutoencoder autoencoder)
    {
        int d = autoencoder.Dimensions, m = autoencoder.Latents, width = autoencoder.OutputDimensions;
        var tensors = new Dictionary<string, StoredArray>
        {
            ["W_dec"] = StoredArray.Of(Rows.Flat(autoencoder.Decoder), m, width),
            ["b_dec"] = StoredArray.Of(autoencoder.DecoderBias, width),
        };
        if (architecture == SaeLensConfig.MatchingPursuit) return tensors;
        tensors["W_enc"] = StoredArray.Of(Rows.Flat(autoencoder.Encoder), d, m);
        if (architecture != SaeLensConfig.Gated) tensors["b_enc"] = StoredArray.Of(autoencoder.EncoderBias, m);
        foreach (var (name, values) in autoencoder.Activation.Vectors) tensors[name] = StoredArray.Of(values, m);
        if (autoencoder.Skip is { } skip) tensors["W_skip"] = StoredArray.Of(Rows.Flat(skip), width, d);
        return tensors;
    }

    /// <summary>What stands in sparsity.safetensors.</summary>
    public static Dictionary<string, StoredArray> Sparsity(float[] firing) => new()
    {
        [SaeLensFolder.Sparsity] = StoredArray.Of(
            [.. firing.Select(share => (float)Math.Log10(share + SaeLensFolder.LeastFrequency))], firing.Length),
    };

    /// <summary>What stands in cfg.json.</summary>
    public static Dictionary<string, object> Config(string architecture, SparseAutoencoder autoencoder)
    {
        var config = new Dictionary<string, object>
        {
            ["d_in"] = autoencoder.Dimensions,
            ["d_sae"] = autoencoder.Latents,
            ["dtype"] = "float32",
            ["device"] = "cpu",
            ["apply_b_dec_to_input"] = autoencoder.CentresInput,
            ["normalize_activations"] = "none",
            ["reshape_activations"] = "none",
            ["metadata"] = new Dictionary<string, string?> { ["sae_lens_version"] = Layout, ["sae_lens_training_version"] = null },
            ["architecture"] = architecture,
        };
        if (architecture.EndsWith(SaeLensConfig.Transcoder, StringComparison.Ordinal)) config["d_out"] = autoencoder.OutputDimensions;
        if (autoencoder.Activation is TopKActivation(var k))
            (config["k"], config["rescale_acts_by_decoder_norm"]) = (k, false);
        if (autoencoder.Activation is MatchingPursuitActivation(var iterations, var stops))
            (config["max_iterations"], config["residual_threshold"], config["stop_on_duplicate_support"]) = (iterations, 0, stops);
        return config;
    }
}

using Superposition.DataViews;
using Superposition.Storage;

namespace Superposition.Autoencoders;

/// <summary>From SAELens's tensors to the autoencoder that computes the same.</summary>
internal static class SaeLensReading
{
    /// <summary>The least norm a decoder row is divided by, as in SAELens.</summary>
    const double LeastNorm = 1e-8;

    /// <summary>The weights as they stand in the file.</summary>
    public static SparseAutoencoder Of(SaeLensConfig config, FormatTensors tensors)
    {
        var (d, m) = (config.Input, config.Latents);
        var decoder = tensors.Matrix("W_dec", m, config.Output);
        var bias = tensors.Vector("b_dec", config.Output);
        if (config.Architecture == SaeLensConfig.MatchingPursuit)   // where b_dec is not taken off, it is not added either
            return new(Rows.Transposed(decoder), new float[m], decoder, config.CentresInput ? bias : new float[d],
                new MatchingPursuitActivation(config.K, config.StopsOnRepeat))
            { CentresInput = config.CentresInput };
        return new(
            tensors.Matrix("W_enc", d, m), config.Architecture == SaeLensConfig.Gated ? new float[m] : tensors.Vector("b_enc", m),
            decoder, bias, ActivationOf(config, tensors))
        {
            CentresInput = config.CentresInput,
            Skip = config.Skips ? tensors.Matrix("W_skip", config.Output, d) : null,
        };
    }

    static SparseActivation ActivationOf(SaeLensConfig config, FormatTensors tensors)
    {
        var m = config.Latents;
        return config.Architecture switch
        {
            SaeLensConfig.TopK => new TopKActivation(config.K),
            SaeLensConfig.Gated => new GatedActivation(tensors.Vector("b_gate", m), tensors.Vector("r_mag", m), tensors.Vector("b_mag", m)),
            _ when config.IsJumpRelu => new JumpReluActivation(tensors.Thresholds(m,
                $"A {config.Architecture} of a training has none yet: save it with SAELens save_inference_model.")),
            _ => new ReluActivation(),
        };
    }

    /// <summary>Norms of decoder rows moved into the encoder: then h_j‖d_j‖ comes out of it, and is decoded by d_j/‖d_j‖.</summary>
    public static SparseAutoencoder Folded(SparseAutoencoder autoencoder)
    {
        int d = autoencoder.Dimensions, m = autoencoder.Latents;
        var (encoder, decoder) = ((float[,])autoencoder.Encoder.Clone(), (float[,])autoencoder.Decoder.Clone());
        float[] bias = [.. autoencoder.EncoderBias];
        for (var j = 0; j < m; j++)
        {
            var row = Rows.Row(decoder, j);
            var norm = 0.0;
            foreach (var weight in row) norm += (double)weight * weight;
            norm = Math.Max(Math.Sqrt(norm), LeastNorm);
            foreach (ref var weight in row) weight = (float)(weight / norm);
            for (var i = 0; i < d; i++) encoder[i, j] = (float)(encoder[i, j] * norm);
            bias[j] = (float)(bias[j] * norm);
        }
        return autoencoder with { Encoder = encoder, EncoderBias = bias, Decoder = decoder };
    }

    /// <summary>The factor activations were multiplied by.</summary>
    public static double ScaleOf(string path)
    {
        if (!File.Exists(path))
            throw new SparseAutoencoderFileException(path, SparseAutoencoderFileReason.NotServed,
                "the weights are for activations times a factor (normalize_activations is expected_average_only_in), and the file of the "
                + "factor is not there. Copy it too, or fold it in SAELens with fold_activation_norm_scaling_factor and save again.");
        var scaler = FormatConfig.Read(path);
        return scaler.Number("scaling_factor") is > 0 and var scale ? scale : throw scaler.Invalid("scaling_factor", "a number above 0");
    }

    /// <summary>[m] How often latents fired; null where there is no such file.</summary>
    public static float[]? FiringOf(string path, int latents)
    {
        if (!File.Exists(path)) return null;
        var tensors = new FormatTensors(path, Safetensors.Read(path));
        return [.. tensors.Vector(SaeLensFolder.Sparsity, latents)
            .Select(log => (float)Math.Clamp(Math.Pow(10, log) - SaeLensFolder.LeastFrequency, 0, 1))];
    }
}

using Superposition.DataViews;

namespace Superposition.Autoencoders;

/// <summary>A trained sparse autoencoder as it is served: z = activation(W_encᵀ(x − b_dec) + b_enc), x̂ = W_decᵀz + b_dec.</summary>
/// <param name="Encoder">W_enc [d, m].</param>
/// <param name="EncoderBias">b_enc [m].</param>
/// <param name="Decoder">W_dec [m, d] Row j is the direction of latent j, of norm 1.</param>
/// <param name="DecoderBias">b_dec [d].</param>
/// <param name="Activation">Which pre-activations become latents.</param>
public sealed record SparseAutoencoder(
    float[,] Encoder, float[] EncoderBias, float[,] Decoder, float[] DecoderBias, SparseActivation Activation)
{
    /// <summary>m.</summary>
    public int Latents => Decoder.GetLength(0);

    /// <summary>d.</summary>
    public int Dimensions => Decoder.GetLength(1);

    /// <summary>This autoencoder as a stage: activations [d] → sparse latents [m], and x̂ [d] where a column is named for it.</summary>
    /// <param name="outputColumnName">Column of the latents.</param>
    /// <param name="inputColumnName">Column of the activations.</param>
    /// <param name="reconstructionColumnName">Column of x̂, or null for none.</param>
    /// <param name="batchSize">Rows computed together; at least 1.</param>
    public SparseAutoencoderTransformer ToTransformer(
        string outputColumnName, string inputColumnName, string? reconstructionColumnName = null,
        int batchSize = SparseAutoencoderTransformer.DefaultBatchSize) =>
        new(outputColumnName, inputColumnName, reconstructionColumnName, this, new([], []), batchSize);

    internal bool IsFinite() =>
        Rows.FirstNotFinite(Rows.Flat(Encoder)) < 0 && Rows.FirstNotFinite(EncoderBias) < 0
        && Rows.FirstNotFinite(Rows.Flat(Decoder)) < 0 && Rows.FirstNotFinite(DecoderBias) < 0;

    /// <summary>[m] b_enc − W_encᵀb_dec, so that pre-activations are W_encᵀx plus this.</summary>
    internal float[] EffectiveBias()
    {
        var sums = new double[Latents];
        for (var i = 0; i < Dimensions; i++)
            for (var j = 0; j < Latents; j++)
                sums[j] += (double)DecoderBias[i] * Encoder[i, j];
        return [.. sums.Select((sum, j) => (float)(EncoderBias[j] - sum))];
    }
}

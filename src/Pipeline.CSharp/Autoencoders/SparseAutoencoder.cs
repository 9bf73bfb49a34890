using Superposition.DataViews;
using Superposition.Storage;

namespace Superposition.Autoencoders;

/// <summary>
/// A trained sparse autoencoder as it is served: z = activation(W_encᵀ(x − b_dec) + b_enc), x̂ = W_decᵀz + b_dec; or a transcoder, which
/// takes no b_dec off and may add W_skip x.
/// </summary>
/// <param name="Encoder">W_enc [d, m].</param>
/// <param name="EncoderBias">b_enc [m].</param>
/// <param name="Decoder">W_dec [m, d′] Row j is the direction of latent j; of norm 1 where it was trained here, but for transcoders and matching pursuit.</param>
/// <param name="DecoderBias">b_dec [d′].</param>
/// <param name="Activation">Which pre-activations become latents.</param>
public sealed record SparseAutoencoder(
    float[,] Encoder, float[] EncoderBias, float[,] Decoder, float[] DecoderBias, SparseActivation Activation)
{
    /// <summary>Whether b_dec is taken off the input (SAELens apply_b_dec_to_input). True by default.</summary>
    public bool CentresInput { get; init; } = true;

    /// <summary>W_skip [d′, d], added to x̂ as W_skip x; null (default) for none.</summary>
    public float[,]? Skip { get; init; }

    /// <summary>[m] The share of samples each latent fired on towards the end of its training; null where it is not known.</summary>
    public float[]? Firing { get; init; }

    /// <summary>m.</summary>
    public int Latents => Decoder.GetLength(0);

    /// <summary>d, the width of the input.</summary>
    public int Dimensions => Encoder.GetLength(0);

    /// <summary>d′, the width of the reconstruction; d but for a transcoder.</summary>
    public int OutputDimensions => Decoder.GetLength(1);

    /// <summary>This autoencoder as a stage: activations [d] → sparse latents [m], and x̂ [d′] where a column is named for it.</summary>
    /// <param name="outputColumnName">Column of the latents.</param>
    /// <param name="inputColumnName">Column of the activations.</param>
    /// <param name="reconstructionColumnName">Column of x̂, or null for none.</param>
    /// <param name="batchSize">Rows computed together; at least 1.</param>
    public SparseAutoencoderTransformer ToTransformer(
        string outputColumnName, string inputColumnName, string? reconstructionColumnName = null,
        int batchSize = SparseAutoencoderTransformer.DefaultBatchSize) =>
        new(outputColumnName, inputColumnName, reconstructionColumnName, this, new([], []), batchSize);

    /// <summary>
    /// Writes it as an ONNX model, whole or not at all: input <c>Activations</c> [N, d], outputs <c>Latents</c> [N, m] and
    /// <c>Reconstruction</c> [N, d′]. Any runtime of ONNX then serves what <see cref="ToTransformer"/> serves.
    /// </summary>
    /// <param name="path">The file to be; one that lies there is replaced.</param>
    /// <exception cref="SparseAutoencoderFileException">It looks at more than one row, or is larger than an ONNX file can be.</exception>
    /// <exception cref="FileWriteException">The file cannot be written.</exception>
    public void SaveOnnx(string path)
    {
        if (Activation is BatchTopKActivation)
            throw new SparseAutoencoderFileException(path, SparseAutoencoderFileReason.NotInFormat,
                "BatchTopK looks at a whole batch, and an ONNX model at one row. Save the trained autoencoder, which is a JumpReLU.");
        if (4L * (Encoder.LongLength + Decoder.LongLength + (Skip?.LongLength ?? 0)) > MostOnnxWeights)
            throw new SparseAutoencoderFileException(path, SparseAutoencoderFileReason.NotInFormat,
                $"an ONNX file holds at most 2 GB, and m = {Latents}, d = {Dimensions} have more. Write another format.");
        var model = ToTransformer("Latents", "Activations", "Reconstruction").ToOnnx();
        AtomicFile.Write(path, stream => stream.Write(model));
    }

    // Protocol buffers end at 2 GB, and all that is no matrix needs some room.
    const long MostOnnxWeights = 1_900_000_000;

    /// <summary>
    /// The same autoencoder for activations as they are, where this one was trained on them multiplied by a scale: exact, since
    /// z = f(s W_encᵀ(x − b_dec/s) + b_enc) and x̂ = (W_decᵀz + b_dec)/s (SAELens fold_activation_norm_scaling_factor).
    /// </summary>
    public SparseAutoencoder ForUnscaled(double scale) => this with
    {
        Encoder = Times(Encoder, scale),
        Decoder = Times(Decoder, 1 / scale),
        DecoderBias = [.. DecoderBias.Select(value => (float)(value / scale))],
    };

    internal bool IsFinite() =>
        Rows.FirstNotFinite(Rows.Flat(Encoder)) < 0 && Rows.FirstNotFinite(EncoderBias) < 0
        && Rows.FirstNotFinite(Rows.Flat(Decoder)) < 0 && Rows.FirstNotFinite(DecoderBias) < 0
        && (Skip is null || Rows.FirstNotFinite(Rows.Flat(Skip)) < 0)
        && Activation.Vectors.All(vector => Rows.FirstNotFinite(vector.Values) < 0);

    /// <summary>[m] b_enc − W_encᵀb_dec, so that pre-activations are W_encᵀx plus this.</summary>
    internal float[] EffectiveBias()
    {
        if (!CentresInput) return EncoderBias;
        var sums = new double[Latents];
        for (var i = 0; i < Dimensions; i++)
            for (var j = 0; j < Latents; j++)
                sums[j] += (double)DecoderBias[i] * Encoder[i, j];
        return [.. sums.Select((sum, j) => (float)(EncoderBias[j] - sum))];
    }

    static float[,] Times(float[,] matrix, double factor)
    {
        var product = new float[matrix.GetLength(0), matrix.GetLength(1)];
        var from = Rows.Flat(matrix);
        var to = Rows.Flat(product);
        for (var i = 0; i < from.Length; i++) to[i] = (float)(from[i] * factor);
        return product;
    }
}

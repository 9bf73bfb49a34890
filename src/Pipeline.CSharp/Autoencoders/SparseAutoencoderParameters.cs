using System.Runtime.InteropServices;
using Superposition.DataViews;
using Superposition.Randomness;
using Superposition.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Superposition.Autoencoders;

/// <summary>W_enc [d, m], b_enc [m], W_dec [m, d] and b_dec [d] in training.</summary>
internal sealed class SparseAutoencoderParameters : IDisposable
{
    public Tensor Encoder { get; }
    public Tensor EncoderBias { get; }
    public Tensor Decoder { get; }
    public Tensor DecoderBias { get; }

    public IReadOnlyList<Tensor> All => [Encoder, EncoderBias, Decoder, DecoderBias];

    /// <summary>Along which dimension of each of <see cref="All"/> the latents run.</summary>
    public static IReadOnlyList<int?> LatentDimension => [1, 0, 0, null];

    /// <summary>Random directions as decoder, its transpose as encoder, the data's mean as b_dec (Gao et al. 2024, A.1).</summary>
    public SparseAutoencoderParameters(int latents, ReadOnlySpan<float> dataMean, double decoderNorm, long seed)
    {
        var d = dataMean.Length;
        var decoder = new float[latents * d];
        var random = new CounterRandom(CounterRandom.Key(seed, 2));
        for (var j = 0; j < latents; j++)
        {
            var row = decoder.AsSpan(j * d, d);
            foreach (ref var weight in row) weight = (float)random.NextNormal();
            var norm = 0.0;
            foreach (var weight in row) norm += (double)weight * weight;
            foreach (ref var weight in row) weight = (float)(weight * decoderNorm / Math.Sqrt(norm));
        }
        Decoder = tensor(decoder, latents, d).requires_grad_().DetachFromDisposeScope();
        Encoder = tensor(decoder, latents, d).T.contiguous().requires_grad_().DetachFromDisposeScope();
        EncoderBias = zeros(latents).requires_grad_().DetachFromDisposeScope();
        DecoderBias = tensor(dataMean.ToArray()).requires_grad_().DetachFromDisposeScope();
    }

    /// <summary>[B, m] W_encᵀ(x − b_dec) + b_enc.</summary>
    public Tensor Encode(Tensor x) => Sums.Of((x - DecoderBias).matmul(Encoder), EncoderBias);

    /// <summary>[B, d] W_decᵀz + b_dec.</summary>
    public Tensor Decode(Tensor latents) => Sums.Of(latents.matmul(Decoder), DecoderBias);

    /// <summary>[m], or [m, 1], ‖d_j‖.</summary>
    public Tensor DecoderNorms(bool keepDimension = false) => Decoder.norm(dim: 1, keepdim: keepDimension);

    /// <summary>Plain arrays, the norm of each decoder row moved into the encoder: exact for activations that scale with h.</summary>
    public SparseAutoencoder ToAutoencoder(SparseActivation activation)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var norms = DecoderNorms();
        return new(
            Matrix(Encoder * norms), Vector(EncoderBias * norms), Matrix(Decoder / norms.unsqueeze(1)), Vector(DecoderBias),
            activation);
    }

    static float[] Vector(Tensor tensor) => MemoryMarshal.Cast<byte, float>(tensor.bytes).ToArray();

    static float[,] Matrix(Tensor tensor) =>
        Rows.Matrix(MemoryMarshal.Cast<byte, float>(tensor.contiguous().bytes), (int)tensor.shape[0]);

    public void Dispose()
    {
        foreach (var parameter in All) parameter.Dispose();
    }
}

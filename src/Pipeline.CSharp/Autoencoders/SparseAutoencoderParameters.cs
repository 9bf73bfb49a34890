using System.Runtime.InteropServices;
using Superposition.DataViews;
using Superposition.Randomness;
using Superposition.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Superposition.Autoencoders;

/// <summary>
/// An autoencoder in training: W_enc as [m, d], so that row j is all of latent j's encoder, b_enc [m], W_dec [m, d′], b_dec [d′], where
/// there is one W_skip [d′, d], and what the architecture has of its own.
/// </summary>
internal sealed class SparseAutoencoderParameters : IDisposable
{
    /// <summary>Decoder norms below it are taken for it: a latent without a direction.</summary>
    const float LeastNorm = 1e-8f;

    readonly bool centresInput;
    readonly IReadOnlyList<string> names;
    readonly Dictionary<string, Tensor> tensors = [];

    /// <summary>
    /// Random directions as decoder, its transpose as encoder (Gao et al. 2024, A.1).
    /// </summary>
    /// <param name="options">Sizes, seed, where biases begin.</param>
    /// <param name="architecture">Its shape.</param>
    /// <param name="inputMean">[d] of the data.</param>
    /// <param name="targetMean">[d′] of what is to be reconstructed.</param>
    /// <param name="type">Precision.</param>
    public SparseAutoencoderParameters(
        SparseAutoencoderOptions options, Architecture architecture, ReadOnlySpan<float> inputMean, ReadOnlySpan<float> targetMean,
        ScalarType type = ScalarType.Float32)
    {
        using var scope = NewDisposeScope();
        centresInput = architecture.CentresInput;
        var (m, d) = (options.Latents, inputMean.Length);
        var directions = tensor(Directions(m, d, options.DecoderNorm == DecoderNorm.Unit ? 1 : options.InitialDecoderNorm, options.Seed), m, d);
        var learnt = new List<string>();
        if (!architecture.IsTied) Add("W_enc", directions.clone());
        Add("b_enc", architecture.StartsSilent && options.StartAtDataMean ? -directions.matmul(tensor(inputMean.ToArray())) : zeros(m),
            architecture.Biases == Biases.Both);
        Add("W_dec", architecture.StartsSilent ? zeros(m, targetMean.Length) : directions);
        Add("b_dec", options.StartAtDataMean && architecture.Biases != Biases.None ? tensor(targetMean.ToArray()) : zeros(targetMean.Length),
            architecture.Biases != Biases.None);
        if (architecture.HasSkip) Add("W_skip", zeros(targetMean.Length, d));
        foreach (var own in architecture.OwnParameters) Add(own.Name, tensor(Enumerable.Repeat((float)own.Initial, m).ToArray()));
        names = learnt;

        void Add(string name, Tensor values, bool isLearnt = true)
        {
            tensors[name] = values.to(type).requires_grad_(isLearnt).DetachFromDisposeScope();
            if (isLearnt) learnt.Add(name);
        }
    }

    /// <summary>[m, d]; the decoder itself where they are tied.</summary>
    public Tensor Encoder => tensors.TryGetValue("W_enc", out var encoder) ? encoder : Decoder;

    /// <summary>[m]</summary>
    public Tensor EncoderBias => tensors["b_enc"];

    /// <summary>[m, d′]</summary>
    public Tensor Decoder => tensors["W_dec"];

    /// <summary>[d′]</summary>
    public Tensor DecoderBias => tensors["b_dec"];

    /// <summary>A parameter by its name in a file.</summary>
    public Tensor this[string name] => tensors[name];

    /// <summary>Names of what is learnt, in the order of <see cref="All"/>.</summary>
    public IReadOnlyList<string> Names => names;

    /// <summary>What is learnt.</summary>
    public IReadOnlyList<Tensor> All => [.. names.Select(name => tensors[name])];

    /// <summary>Whether the first dimension of a parameter runs over latents.</summary>
    public static bool IsByLatent(string name) => name is not ("b_dec" or "W_skip");

    /// <summary>[B, d] what the encoder sees: x − b_dec, or x.</summary>
    public Tensor Centred(Tensor x) => centresInput ? x - DecoderBias : x;

    /// <summary>[B, m] W_encᵀ(x − b_dec).</summary>
    public Tensor EncodeWithoutBias(Tensor x) => Centred(x).matmul(Encoder.T);

    /// <summary>[B, m] W_encᵀ(x − b_dec) + b_enc.</summary>
    public Tensor Encode(Tensor x) => Sums.Of(EncodeWithoutBias(x), EncoderBias);

    /// <summary>[d′] or [B, d′] what is reconstructed without any latent: b_dec, and W_skip x.</summary>
    public Tensor Base(Tensor x) => tensors.TryGetValue("W_skip", out var skip) ? Sums.Of(x.matmul(skip.T), DecoderBias) : DecoderBias;

    /// <summary>[B, d′] W_decᵀz + b_dec, and W_skip x.</summary>
    public Tensor Decode(Tensor latents, Tensor x) => Sums.Of(latents.matmul(Decoder), Base(x));

    /// <summary>[m], or [m, 1], ‖d_j‖.</summary>
    public Tensor DecoderNorms(bool keepDimension = false) => Decoder.norm(dim: 1, keepdim: keepDimension);

    /// <summary>Plain arrays; where the architecture allows it, the norm of each decoder row moved into the encoder, which is exact.</summary>
    public SparseAutoencoder ToAutoencoder(Architecture architecture)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var norms = architecture.Folds ? maximum(DecoderNorms(), tensor(LeastNorm, dtype: Decoder.dtype)) : ones([Decoder.shape[0]], dtype: Decoder.dtype);
        var column = norms.unsqueeze(1);
        return new(
            (Encoder * column).T.ToMatrix(), (architecture.BiasIsOwn ? zeros_like(EncoderBias) : EncoderBias * norms).ToSingles(),
            (Decoder / column).ToMatrix(), DecoderBias.ToSingles(), architecture.Activation(this, norms.ToSingles()))
        {
            CentresInput = centresInput,
            Skip = tensors.TryGetValue("W_skip", out var skip) ? skip.ToMatrix() : null,
        };
    }

    /// <summary>[m, d] Random directions of a norm, row after row.</summary>
    public static float[] Directions(int latents, int d, double norm, long seed)
    {
        var directions = new float[latents * d];
        var random = new CounterRandom(CounterRandom.Key(seed, 2));
        for (var j = 0; j < latents; j++)
        {
            var row = directions.AsSpan(j * d, d);
            foreach (ref var weight in row) weight = (float)random.NextNormal();
            var length = 0.0;
            foreach (var weight in row) length += (double)weight * weight;
            foreach (ref var weight in row) weight = (float)(weight * norm / Math.Sqrt(length));
        }
        return directions;
    }

    public void Dispose()
    {
        foreach (var parameter in tensors.Values) parameter.Dispose();
    }
}

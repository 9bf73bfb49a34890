using Superposition.DataViews;
using Superposition.Native;
using TorchSharp;
using static TorchSharp.torch;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Superposition.Autoencoders;

/// <summary>Batches through a trained autoencoder: one dense product; what is selected and decoded afterwards touches only active latents.</summary>
internal sealed class AutoencoderPass : IDisposable
{
    readonly SparseAutoencoder autoencoder;
    readonly Tensor encoder, bias;
    readonly Tensor? skip;

    public AutoencoderPass(SparseAutoencoder autoencoder)
    {
        TorchLibrary.EnsureLoaded();
        this.autoencoder = autoencoder;
        encoder = tensor(Rows.Flat(autoencoder.Encoder).ToArray(), autoencoder.Dimensions, autoencoder.Latents).DetachFromDisposeScope();
        bias = tensor(autoencoder.EffectiveBias()).DetachFromDisposeScope();
        skip = autoencoder.Skip is { } past
            ? tensor(Rows.Flat(Rows.Transposed(past)).ToArray(), autoencoder.Dimensions, autoencoder.OutputDimensions).DetachFromDisposeScope()
            : null;
    }

    /// <summary>The latents of a batch x [B, d]; from several threads at once, if need be.</summary>
    public SelectedRows Encode(Tensor x)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        return autoencoder.Activation.Select(autoencoder, new(addmm(bias, x, encoder, 1, 1)));
    }

    /// <summary>[B·d′] W_skip x of a batch; null where there is no W_skip.</summary>
    public float[]? Skip(Tensor x)
    {
        if (skip is null) return null;
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        return x.matmul(skip).ToSingles();
    }

    /// <summary>x̂ [d′] of one row of what was encoded.</summary>
    public void Decode(SelectedRows selected, int row, float[]? skipped, Span<float> reconstruction)
    {
        var (indices, values) = selected[row];
        autoencoder.DecoderBias.CopyTo(reconstruction);
        if (skipped is not null)
            TensorPrimitives.Add(reconstruction, skipped.AsSpan(row * reconstruction.Length, reconstruction.Length), reconstruction);
        for (var c = 0; c < values.Length; c++)
            TensorPrimitives.MultiplyAdd(Rows.Row(autoencoder.Decoder, indices.Span[c]), values.Span[c], reconstruction, reconstruction);
    }

    /// <summary>[B·d′] x̂ of every row of what was encoded.</summary>
    public float[] Decode(SelectedRows selected, int rows, float[]? skipped)
    {
        var width = autoencoder.OutputDimensions;
        var reconstructions = new float[rows * width];
        Parallel.For(0, rows, row => Decode(selected, row, skipped, reconstructions.AsSpan(row * width, width)));
        return reconstructions;
    }

    public void Dispose()
    {
        encoder.Dispose();
        bias.Dispose();
        skip?.Dispose();
    }
}

using System.Runtime.InteropServices;
using Microsoft.ML.Data;
using Superposition.DataViews;
using Superposition.Native;
using TorchSharp;
using static TorchSharp.torch;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Superposition.Autoencoders;

/// <summary>Encodes a batch with one dense product; what is selected and decoded afterwards touches only active latents.</summary>
internal sealed class ServedAutoencoder(
    string output, string input, string? reconstruction, SparseAutoencoder autoencoder, int batchSize) : BatchMap
{
    readonly Lazy<(Tensor Encoder, Tensor Bias)> weights = new(() =>
    {
        TorchLibrary.EnsureLoaded();
        return (
            tensor(Rows.Flat(autoencoder.Encoder).ToArray(), autoencoder.Dimensions, autoencoder.Latents).DetachFromDisposeScope(),
            tensor(autoencoder.EffectiveBias()).DetachFromDisposeScope());
    });

    public override string InputColumn => input;
    public override int InputWidth => autoencoder.Dimensions;
    public override int BatchSize => batchSize;
    public override IReadOnlyList<(string Name, int Width)> Outputs { get; } = reconstruction is null
        ? [(output, autoencoder.Latents)]
        : [(output, autoencoder.Latents), (reconstruction, autoencoder.Dimensions)];

    public override RowBuffer?[] Compute(Memory<float> input, int rows, IReadOnlyList<bool> wanted)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var (encoder, bias) = weights.Value;
        var batch = new Batch(autoencoder, addmm(bias, tensor(input, [rows, InputWidth]), encoder, 1, 1).DetachFromDisposeScope());
        return [.. wanted.Select((w, i) => w ? i == 0 ? new LatentRows(batch) : (RowBuffer)new DecodedRows(batch) : null)];
    }

    /// <summary>[B, m] pre-activations, and the selection of the row last asked for.</summary>
    sealed class Batch(SparseAutoencoder autoencoder, Tensor pre) : IDisposable
    {
        int selected = -1, count;

        public SparseAutoencoder Autoencoder => autoencoder;
        public int[] Indices { get; } = new int[autoencoder.Latents];
        public float[] Values { get; } = new float[autoencoder.Latents];

        public int Select(int row)
        {
            if (selected == row) return count;
            var all = MemoryMarshal.Cast<byte, float>(pre.bytes);
            count = autoencoder.Activation.Select(all.Slice(row * autoencoder.Latents, autoencoder.Latents), Indices, Values);
            selected = row;
            return count;
        }

        public void Dispose() => pre.Dispose();
    }

    sealed class LatentRows(Batch batch) : RowBuffer
    {
        public override void CopyTo(int row, ref VBuffer<float> destination)
        {
            var count = batch.Select(row);
            var editor = VBufferEditor.Create(ref destination, batch.Autoencoder.Latents, count);
            batch.Values.AsSpan(0, count).CopyTo(editor.Values);
            if (count < batch.Autoencoder.Latents) batch.Indices.AsSpan(0, count).CopyTo(editor.Indices);
            destination = editor.Commit();
        }

        public override void Dispose() => batch.Dispose();
    }

    sealed class DecodedRows(Batch batch) : RowBuffer
    {
        public override void CopyTo(int row, ref VBuffer<float> destination)
        {
            var count = batch.Select(row);
            var editor = VBufferEditor.Create(ref destination, batch.Autoencoder.Dimensions);
            batch.Autoencoder.DecoderBias.CopyTo(editor.Values);
            for (var c = 0; c < count; c++)
                TensorPrimitives.MultiplyAdd(
                    Rows.Row(batch.Autoencoder.Decoder, batch.Indices[c]), batch.Values[c], editor.Values, editor.Values);
            destination = editor.Commit();
        }

        public override void Dispose() => batch.Dispose();
    }
}

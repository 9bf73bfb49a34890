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
        var pre = addmm(bias, tensor(input, [rows, InputWidth]), encoder, 1, 1);
        var selected = new SelectedRows(
            autoencoder.Activation, MemoryMarshal.Cast<byte, float>(pre.bytes), rows, autoencoder.Latents);
        return [wanted[0] ? new LatentRows(selected, autoencoder) : null, .. wanted.Skip(1).Select(w => w ? new DecodedRows(selected, autoencoder) : null)];
    }

    sealed class LatentRows(SelectedRows selected, SparseAutoencoder autoencoder) : RowBuffer
    {
        public override void CopyTo(int row, ref VBuffer<float> destination)
        {
            var (indices, values) = selected[row];
            var editor = VBufferEditor.Create(ref destination, autoencoder.Latents, values.Length);
            values.Span.CopyTo(editor.Values);
            if (values.Length < autoencoder.Latents) indices.Span.CopyTo(editor.Indices);
            destination = editor.Commit();
        }
    }

    sealed class DecodedRows(SelectedRows selected, SparseAutoencoder autoencoder) : RowBuffer
    {
        public override void CopyTo(int row, ref VBuffer<float> destination)
        {
            var (indices, values) = selected[row];
            var editor = VBufferEditor.Create(ref destination, autoencoder.Dimensions);
            autoencoder.DecoderBias.CopyTo(editor.Values);
            for (var c = 0; c < values.Length; c++)
                TensorPrimitives.MultiplyAdd(
                    Rows.Row(autoencoder.Decoder, indices.Span[c]), values.Span[c], editor.Values, editor.Values);
            destination = editor.Commit();
        }
    }
}

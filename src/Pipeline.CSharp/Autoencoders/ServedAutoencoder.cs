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
    readonly Lazy<(Tensor Encoder, Tensor Bias, Tensor? Skip)> weights = new(() =>
    {
        TorchLibrary.EnsureLoaded();
        return (
            tensor(Rows.Flat(autoencoder.Encoder).ToArray(), autoencoder.Dimensions, autoencoder.Latents).DetachFromDisposeScope(),
            tensor(autoencoder.EffectiveBias()).DetachFromDisposeScope(),
            autoencoder.Skip is { } skip
                ? tensor(Rows.Flat(skip).ToArray(), skip.GetLength(0), skip.GetLength(1)).T.contiguous().DetachFromDisposeScope()
                : null);
    });

    public override string InputColumn => input;
    public override int InputWidth => autoencoder.Dimensions;
    public override int BatchSize => batchSize;
    public override IReadOnlyList<(string Name, int Width)> Outputs { get; } = reconstruction is null
        ? [(output, autoencoder.Latents)]
        : [(output, autoencoder.Latents), (reconstruction, autoencoder.OutputDimensions)];

    public override RowBuffer?[] Compute(Memory<float> input, int rows, IReadOnlyList<bool> wanted)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var (encoder, bias, skip) = weights.Value;
        var x = tensor(input, [rows, InputWidth]);
        var selected = autoencoder.Activation.Select(autoencoder, new(addmm(bias, x, encoder, 1, 1)));
        var passed = skip is not null && wanted.Count > 1 && wanted[1] ? x.matmul(skip).ToSingles() : null;
        return [
            wanted[0] ? new LatentRows(selected, autoencoder) : null,
            .. wanted.Skip(1).Select(w => w ? new DecodedRows(selected, autoencoder, passed) : null)];
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

    sealed class DecodedRows(SelectedRows selected, SparseAutoencoder autoencoder, float[]? passed) : RowBuffer
    {
        public override void CopyTo(int row, ref VBuffer<float> destination)
        {
            var (indices, values) = selected[row];
            var editor = VBufferEditor.Create(ref destination, autoencoder.OutputDimensions);
            autoencoder.DecoderBias.CopyTo(editor.Values);
            if (passed is not null)
                TensorPrimitives.Add(editor.Values, passed.AsSpan(row * editor.Values.Length, editor.Values.Length), editor.Values);
            for (var c = 0; c < values.Length; c++)
                TensorPrimitives.MultiplyAdd(
                    Rows.Row(autoencoder.Decoder, indices.Span[c]), values.Span[c], editor.Values, editor.Values);
            destination = editor.Commit();
        }
    }
}

using Microsoft.ML.Data;
using Superposition.DataViews;
using static TorchSharp.torch;

namespace Superposition.Autoencoders;

/// <summary>A trained autoencoder as a function of batches; see <see cref="AutoencoderPass"/>.</summary>
internal sealed class ServedAutoencoder(
    string output, string input, string? reconstruction, SparseAutoencoder autoencoder, int batchSize) : BatchMap
{
    readonly Lazy<AutoencoderPass> pass = new(() => new(autoencoder));

    public override string InputColumn => input;
    public override int InputWidth => autoencoder.Dimensions;
    public override int BatchSize => batchSize;
    public override IReadOnlyList<(string Name, int Width)> Outputs { get; } = reconstruction is null
        ? [(output, autoencoder.Latents)]
        : [(output, autoencoder.Latents), (reconstruction, autoencoder.OutputDimensions)];

    public override RowBuffer?[] Compute(Memory<float> input, int rows, IReadOnlyList<bool> wanted)
    {
        using var x = tensor(input, [rows, InputWidth]);
        var selected = pass.Value.Encode(x);
        return [
            wanted[0] ? new LatentRows(selected, autoencoder) : null,
            .. wanted.Skip(1).Select(w => w ? new DecodedRows(pass.Value, selected, pass.Value.Skip(x), autoencoder.OutputDimensions) : null)];
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

    sealed class DecodedRows(AutoencoderPass pass, SelectedRows selected, float[]? skipped, int width) : RowBuffer
    {
        public override void CopyTo(int row, ref VBuffer<float> destination)
        {
            var editor = VBufferEditor.Create(ref destination, width);
            pass.Decode(selected, row, skipped, editor.Values);
            destination = editor.Commit();
        }
    }
}

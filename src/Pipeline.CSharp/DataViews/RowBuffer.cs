using Microsoft.ML.Data;

namespace Superposition.DataViews;

/// <summary>Output rows of one batch, handed out one by one.</summary>
internal abstract class RowBuffer
{
    /// <summary>Copies one row of the batch into a caller's vector.</summary>
    public abstract void CopyTo(int row, ref VBuffer<float> destination);
}

/// <summary>[rows, width] dense.</summary>
internal sealed class DenseRows(ReadOnlyMemory<float> values, int width) : RowBuffer
{
    public override void CopyTo(int row, ref VBuffer<float> destination)
    {
        var editor = VBufferEditor.Create(ref destination, width);
        values.Span.Slice(row * width, width).CopyTo(editor.Values);
        destination = editor.Commit();
    }
}

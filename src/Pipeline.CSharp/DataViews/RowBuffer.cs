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

/// <summary>[rows, width] with at most <paramref name="capacity"/> non-zeros a row, in ascending order of index.</summary>
internal sealed class SparseRows(int rows, int capacity, int width) : RowBuffer
{
    readonly int[] counts = new int[rows];
    readonly int[] indices = new int[rows * capacity];
    readonly float[] values = new float[rows * capacity];

    /// <summary>The slots of one row, to be filled before <see cref="SetCount"/>.</summary>
    public (Memory<int> Indices, Memory<float> Values) Row(int row) =>
        (indices.AsMemory(row * capacity, capacity), values.AsMemory(row * capacity, capacity));

    /// <summary>How many slots of a row are used.</summary>
    public void SetCount(int row, int count) => counts[row] = count;

    public override void CopyTo(int row, ref VBuffer<float> destination)
    {
        var count = counts[row];
        var editor = VBufferEditor.Create(ref destination, width, count);
        values.AsSpan(row * capacity, count).CopyTo(editor.Values);
        if (count < width) indices.AsSpan(row * capacity, count).CopyTo(editor.Indices);
        destination = editor.Commit();
    }
}

namespace Superposition.Autoencoders;

/// <summary>The non-zero latents of a batch, row after row.</summary>
internal sealed class SelectedRows
{
    readonly int[] ends;
    int[] indices;
    float[] values;

    /// <summary>Selects from [rows, width] pre-activations.</summary>
    public SelectedRows(SparseActivation activation, ReadOnlySpan<float> pre, int rows, int width)
    {
        ends = new int[rows];
        (indices, values) = (new int[2 * width], new float[2 * width]);
        for (var (row, used) = (0, 0); row < rows; row++)
        {
            if (indices.Length - used < width)   // Select wants room for a whole row
            {
                Array.Resize(ref indices, 2 * indices.Length);
                Array.Resize(ref values, indices.Length);
            }
            used += activation.Select(pre.Slice(row * width, width), indices.AsSpan(used), values.AsSpan(used));
            ends[row] = used;
        }
    }

    /// <summary>The latents of a row, ascending by index.</summary>
    public (ReadOnlyMemory<int> Indices, ReadOnlyMemory<float> Values) this[int row]
    {
        get
        {
            var start = row == 0 ? 0 : ends[row - 1];
            return (indices.AsMemory(start, ends[row] - start), values.AsMemory(start, ends[row] - start));
        }
    }
}

namespace Superposition.Autoencoders;

/// <summary>The non-zero latents of a batch, row after row in chunks that were selected side by side.</summary>
internal sealed unsafe class SelectedRows
{
    const int ChunkRows = 64;

    readonly Chunk[] chunks;

    /// <summary>Selects from [rows, width] pre-activations.</summary>
    public SelectedRows(SparseActivation activation, ReadOnlySpan<float> pre, int rows, int width)
    {
        chunks = new Chunk[(rows + ChunkRows - 1) / ChunkRows];
        fixed (float* start = pre)
        {
            var first = start;
            Parallel.For(0, chunks.Length, c =>
            {
                var count = Math.Min(ChunkRows, rows - c * ChunkRows);
                chunks[c] = new(activation, new ReadOnlySpan<float>(first + (long)c * ChunkRows * width, count * width), count, width);
            });
        }
    }

    /// <summary>The latents of a row, ascending by index.</summary>
    public (ReadOnlyMemory<int> Indices, ReadOnlyMemory<float> Values) this[int row] => chunks[row / ChunkRows].Row(row % ChunkRows);

    sealed class Chunk
    {
        readonly int[] ends;
        int[] indices;
        float[] values;

        public Chunk(SparseActivation activation, ReadOnlySpan<float> pre, int rows, int width)
        {
            ends = new int[rows];
            (indices, values) = (new int[width], new float[width]);
            for (var (r, used) = (0, 0); r < rows; r++)
            {
                if (indices.Length - used < width)   // Select wants room for a whole row
                {
                    Array.Resize(ref indices, 2 * indices.Length + width);
                    Array.Resize(ref values, indices.Length);
                }
                used += activation.Select(pre.Slice(r * width, width), indices.AsSpan(used), values.AsSpan(used));
                ends[r] = used;
            }
        }

        public (ReadOnlyMemory<int> Indices, ReadOnlyMemory<float> Values) Row(int row)
        {
            var start = row == 0 ? 0 : ends[row - 1];
            return (indices.AsMemory(start, ends[row] - start), values.AsMemory(start, ends[row] - start));
        }
    }
}

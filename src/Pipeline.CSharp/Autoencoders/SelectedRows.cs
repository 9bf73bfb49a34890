namespace Superposition.Autoencoders;

/// <summary>The non-zero latents of a batch, row after row; to be filled again and again.</summary>
internal sealed class SelectedRows
{
    /// <summary>Rows one thread selects at a time.</summary>
    const int Share = 32;

    /// <summary>Writes the latents of one row, ascending by index, and returns how many; the spans hold a whole row.</summary>
    public delegate int RowSelection(int row, Span<int> indices, Span<float> values);

    int[] ends = [];                                       // of each row in its share
    (int[] Indices, float[] Values)[] shares = [];

    /// <summary>Empty.</summary>
    public SelectedRows() { }

    /// <summary>Filled.</summary>
    public SelectedRows(int rows, int width, RowSelection select) => Fill(rows, width, select);

    /// <summary>How many rows.</summary>
    public int Rows { get; private set; }

    /// <summary>How many latents in all.</summary>
    public int Count { get; private set; }

    /// <summary>The latents of a row, ascending by index.</summary>
    public (ReadOnlyMemory<int> Indices, ReadOnlyMemory<float> Values) this[int row]
    {
        get
        {
            var (indices, values) = shares[row / Share];
            var start = row % Share == 0 ? 0 : ends[row - 1];
            return (indices.AsMemory(start, ends[row] - start), values.AsMemory(start, ends[row] - start));
        }
    }

    /// <summary>Selects from rows of a width.</summary>
    public void Fill(int rows, int width, RowSelection select)
    {
        var count = (rows + Share - 1) / Share;
        if (ends.Length < rows) ends = new int[rows];
        if (shares.Length < count) Array.Resize(ref shares, count);
        Rows = rows;
        if (count == 1) FillShare(0, width, select);   // a row alone is not worth other threads
        else Parallel.For(0, count, share => FillShare(share, width, select));
        Count = 0;
        for (var share = 0; share < count; share++) Count += ends[Math.Min(rows, (share + 1) * Share) - 1];
    }

    /// <summary>All values, row after row.</summary>
    public void CopyValues(Span<float> destination)
    {
        for (var first = 0; first < Rows; first += Share)
        {
            var used = ends[Math.Min(Rows, first + Share) - 1];
            shares[first / Share].Values.AsSpan(0, used).CopyTo(destination);
            destination = destination[used..];
        }
    }

    void FillShare(int share, int width, RowSelection select)
    {
        var (indices, values) = shares[share];
        if (indices is null || indices.Length < 2 * width) (indices, values) = (new int[2 * width], new float[2 * width]);
        var used = 0;
        for (var row = share * Share; row < Math.Min(Rows, (share + 1) * Share); row++)
        {
            if (indices.Length - used < width)   // a selection wants room for a whole row
            {
                Array.Resize(ref indices, 2 * indices.Length);
                Array.Resize(ref values, indices.Length);
            }
            used += select(row, indices.AsSpan(used), values.AsSpan(used));
            ends[row] = used;
        }
        shares[share] = (indices, values);
    }
}

using Superposition.DataViews;

namespace Superposition.Activations;

/// <summary>[rows, width] Rows in memory.</summary>
internal sealed class HeldRows(float[] values, int width) : IRowBlocks
{
    public int Width => width;

    public void Fill(long firstRow, int rows, Span<float> destination) =>
        values.AsSpan((int)firstRow * width, rows * width).CopyTo(destination);
}

using Microsoft.ML;
using Microsoft.ML.Data;
using Superposition.DataViews;

namespace Superposition.Features;

/// <summary>
/// One stream of rows of a world. Row r is a pure function of (seed, stream, r), whoever reads it: a cursor takes rows one by
/// one, the fused kernels take them in blocks, laid out as their vectors want them.
/// </summary>
internal abstract unsafe class RowStream(int width) : IRowBlocks
{
    /// <summary>Rows side by side in a block's vector; the same on every machine.</summary>
    public const int Lanes = 16;

    [ThreadStatic] static int[]? indexBuffer;
    [ThreadStatic] static float[]? valueBuffer;

    /// <summary>n.</summary>
    public int Width { get; } = width;

    /// <summary>The stream of a world.</summary>
    public static RowStream Of(SparseFeatureOptions world, long stream) =>
        world.Dependence is null ? new IndependentRows(world, stream) : new DependentRows(world, stream);

    /// <summary>Writes the active features of a row, in ascending order, into the first slots of two spans of n; returns how many.</summary>
    public abstract int Draw(long row, Span<int> indices, Span<float> active);

    /// <summary>[n, 16·vectors] Consecutive rows, a feature's values side by side.</summary>
    public virtual void DrawLanes(long firstRow, int vectors, float* lanes)
    {
        var stride = vectors * Lanes;
        new Span<float>(lanes, Width * stride).Clear();
        var (indices, active) = Buffers();
        for (var r = 0; r < stride; r++)
        {
            var count = Draw(firstRow + r, indices, active);
            for (var c = 0; c < count; c++) lanes[indices[c] * stride + r] = active[c];
        }
    }

    /// <summary>
    /// [rows, stride] Consecutive rows, dense, what lies beyond n being 0; and [rows, stride / 64] a bit for each active feature.
    /// The stride is a multiple of 64.
    /// </summary>
    public virtual void DrawDense(long firstRow, int rows, int stride, float* x, ulong* masks)
    {
        new Span<float>(x, rows * stride).Clear();
        new Span<ulong>(masks, rows * (stride / 64)).Clear();
        var (indices, active) = Buffers();
        for (var r = 0; r < rows; r++, x += stride, masks += stride / 64)
        {
            var count = Draw(firstRow + r, indices, active);
            for (var c = 0; c < count; c++)
            {
                x[indices[c]] = active[c];
                masks[indices[c] >> 6] |= 1UL << indices[c];
            }
        }
    }

    /// <inheritdoc/>
    public void Fill(long firstRow, int rows, Span<float> destination)
    {
        destination[..(rows * Width)].Clear();
        var (indices, active) = Buffers();
        for (var r = 0; r < rows; r++)
        {
            var count = Draw(firstRow + r, indices, active);
            var target = destination.Slice(r * Width, Width);
            for (var c = 0; c < count; c++) target[indices[c]] = active[c];
        }
    }

    /// <summary>Reads the row named when it is called, sparse; one a cursor.</summary>
    public ValueGetter<VBuffer<float>> Getter(Func<long> row)
    {
        var (indices, active) = (new int[Width], new float[Width]);
        return (ref VBuffer<float> value) =>
        {
            var count = Draw(row(), indices, active);
            var editor = VBufferEditor.Create(ref value, Width, count);
            active.AsSpan(0, count).CopyTo(editor.Values);
            if (count < Width) indices.AsSpan(0, count).CopyTo(editor.Indices);
            value = editor.Commit();
        };
    }

    // One pair a thread: a block is filled without garbage.
    (int[] Indices, float[] Values) Buffers()
    {
        if (indexBuffer is null || indexBuffer.Length < Width) (indexBuffer, valueBuffer) = (new int[Width], new float[Width]);
        return (indexBuffer, valueBuffer!);
    }
}

using Superposition.DataViews;

namespace Superposition.Activations;

/// <summary>
/// Rows by number out of the blocks read last: a row of another block has its block read, in place of the one that came first. In the
/// order of a <see cref="Randomness.WindowShuffle"/> of as many blocks, each block is read once a pass.
/// </summary>
internal sealed class BlockBuffer(IRowBlocks source, long rows, int block, int slots)
{
    readonly Dictionary<long, float[]> blocks = new(slots);
    readonly Queue<long> held = new(slots);

    /// <summary>[width] One row.</summary>
    public void CopyTo(long row, Span<float> destination)
    {
        var number = row / block;
        if (!blocks.TryGetValue(number, out var values)) values = Read(number);
        values.AsSpan((int)(row % block) * source.Width, source.Width).CopyTo(destination);
    }

    float[] Read(long number)
    {
        var values = held.Count == slots && blocks.Remove(held.Dequeue(), out var oldest) ? oldest : new float[block * source.Width];
        var count = (int)Math.Min(block, rows - number * block);
        source.Fill(number * block, count, values.AsSpan(0, count * source.Width));
        held.Enqueue(number);
        return blocks[number] = values;
    }
}

namespace Superposition.Randomness;

/// <summary>
/// A shuffle of rows that are slow to reach one by one. Blocks of consecutive rows come in a shuffled order; so many of them at a time make
/// a window, and a window's rows come in a shuffled order. Whoever keeps one window of blocks reads each block once, in one piece; rows
/// mix as far as a window reaches, and which blocks meet in one is new with every key.
/// </summary>
internal sealed class WindowShuffle : RowOrder
{
    readonly long blocks, tailAt;
    readonly int block, window, missing;
    readonly ulong key;
    readonly RowShuffle whole;

    /// <summary>A shuffle of rows 0 … rows−1.</summary>
    /// <param name="rows">How many rows.</param>
    /// <param name="block">Rows of a block; the last may be shorter.</param>
    /// <param name="window">Blocks of a window.</param>
    /// <param name="key">What the order follows from.</param>
    public WindowShuffle(long rows, int block, int window, ulong key)
    {
        (this.block, this.window, this.key) = (block, window, key);
        blocks = (rows + block - 1) / block;
        missing = (int)(blocks * block - rows);
        whole = new(rows / block, CounterRandom.At(key, -1));
        // The short block has a place of its own among the others, where every position after it is moved up by what it lacks.
        tailAt = missing == 0 ? blocks : (long)(CounterRandom.At(key, -2) % (ulong)blocks);
    }

    public override long At(long position)
    {
        var at = Part(position, window);
        var start = Start(at, window);
        var mixed = start + RowShuffle.At(RunEnd(position) - start, CounterRandom.At(key, at), position - start);
        var place = Part(mixed, 1);
        var from = place == tailAt ? blocks - 1 : whole.At(place < tailAt ? place : place - 1);
        return from * block + mixed - Start(place, 1);
    }

    /// <summary>Where the window ends.</summary>
    public override long RunEnd(long position) => Start(Part(position, window) + 1, window);

    // Positions divided into parts of so many blocks each: in which part a position is, and where a part starts.
    long Part(long position, int size)
    {
        var length = (long)size * block;
        var tail = tailAt / size;
        return position < Start(tail, size) ? position / length
            : position < Start(tail + 1, size) ? tail
            : (position + missing) / length;
    }

    long Start(long part, int size)
    {
        var place = Math.Min(part * size, blocks);
        return place * block - (place > tailAt ? missing : 0);
    }
}

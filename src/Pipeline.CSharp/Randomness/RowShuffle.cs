namespace Superposition.Randomness;

/// <summary>
/// A permutation of 0 … rows−1 that needs no memory: four Feistel rounds over the next even power of two, walked until
/// the result is a row (Black and Rogaway 2002, "Ciphers with arbitrary finite domains", §4).
/// </summary>
internal sealed class RowShuffle(long rows, ulong key)
{
    readonly int half = (Math.Max(2, 64 - System.Numerics.BitOperations.LeadingZeroCount((ulong)Math.Max(1, rows - 1))) + 1) / 2;

    /// <summary>The row at a position.</summary>
    public long At(long position)
    {
        do position = Permute(position); while ((ulong)position >= (ulong)rows);   // of 2⁶⁴ values half are negative
        return position;
    }

    long Permute(long value)
    {
        var mask = (1UL << half) - 1;
        ulong left = (ulong)value >> half, right = (ulong)value & mask;
        for (var round = 0; round < 4; round++)
            (left, right) = (right, left ^ (CounterRandom.At(key + right, round) & mask));
        return (long)((left << half) | right);
    }
}

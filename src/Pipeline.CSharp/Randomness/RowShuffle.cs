namespace Superposition.Randomness;

/// <summary>
/// A permutation of 0 … rows−1 that needs no memory: four Feistel rounds over the next even power of two, walked until
/// the result is a row (Black and Rogaway 2002, "Ciphers with arbitrary finite domains", §4).
/// </summary>
internal sealed class RowShuffle(long rows, ulong key) : RowOrder
{
    public override long At(long position) => At(rows, key, position);

    /// <summary>The row at a position of the shuffle of so many rows by a key.</summary>
    public static long At(long rows, ulong key, long position)
    {
        var half = (Math.Max(2, 64 - System.Numerics.BitOperations.LeadingZeroCount((ulong)Math.Max(1, rows - 1))) + 1) / 2;
        do position = Permute(position, half, key); while ((ulong)position >= (ulong)rows);   // of 2⁶⁴ values half are negative
        return position;
    }

    static long Permute(long value, int half, ulong key)
    {
        var mask = (1UL << half) - 1;
        ulong left = (ulong)value >> half, right = (ulong)value & mask;
        for (var round = 0; round < 4; round++)
            (left, right) = (right, left ^ (CounterRandom.At(key + right, round) & mask));
        return (long)((left << half) | right);
    }
}

namespace Superposition.Storage;

/// <summary>How many elements a shape has, counted so that a lying file cannot overflow it.</summary>
static class Shapes
{
    /// <summary>As many axes as numpy allows (NPY_MAXDIMS = 64); a file with more is damaged, or an attack on memory.</summary>
    public const int MaxRank = 64;

    /// <summary>
    /// The product of <paramref name="shape"/> times <paramref name="elementSize"/>, in bytes; 1 element for a scalar (empty
    /// shape).
    /// False if it does not fit in 63 bits at any step, even if a later axis is 0. Axes must be 0 or more.
    /// </summary>
    public static bool TryCountBytes(ReadOnlySpan<long> shape, int elementSize, out long bytes)
    {
        bytes = 1;
        foreach (var axis in shape)
            if (!TryMultiply(bytes, axis, out bytes)) return false;
        return TryMultiply(bytes, elementSize, out bytes);
    }

    static bool TryMultiply(long left, long right, out long product) =>
        Math.BigMul(left, right, out product) == 0 && product >= 0;
}

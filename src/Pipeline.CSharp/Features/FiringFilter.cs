using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Superposition.Randomness;

namespace Superposition.Features;

/// <summary>
/// Which features may fire. One of score y fires when a uniform u is below Φ(y); few do, and few of the others need more than 16 bits of
/// u and this bound, a parabola above log₂ Φ by at most 0.14 on [−6, 0]:
/// <code>Φ(y) ≤ 2^(a + b y + c y²)</code>
/// 2^x itself is read off the bits of a float: its exponent is the whole part, and the chord between powers of two lies above the curve.
/// </summary>
internal static unsafe class FiringFilter
{
    const int Lanes = 16, Mantissa = 1 << 23, Bias = 127, Bits = 16;
    const float Least = -6;   // below, the bound stays: one in a billion
    const float A = -0.997f, B = 0.86729f, C = -0.65492f;

    /// <summary>Random words of a row's key that a tile of 64 features takes.</summary>
    public const int WordsOfTile = RowTile.Columns * Bits / 64;

    /// <summary>[64·tiles] scores → [tiles] a bit for each feature that may fire.</summary>
    public static void Candidates(ulong rowKey, float* scores, int tiles, ulong* masks)
    {
        var counters = CounterRandom.Counters(rowKey, 0);
        var low = Vector512.Create((uint)ushort.MaxValue);
        for (var tile = 0; tile < tiles; tile++, scores += RowTile.Columns)
        {
            var first = CounterRandom.Mix(counters).AsUInt32();
            counters = CounterRandom.NextEight(counters);
            var second = CounterRandom.Mix(counters).AsUInt32();
            counters = CounterRandom.NextEight(counters);
            masks[tile] = May(first & low, scores) | May(first >>> Bits, scores + Lanes) << Lanes
                | May(second & low, scores + 2 * Lanes) << 2 * Lanes | May(second >>> Bits, scores + 3 * Lanes) << 3 * Lanes;
        }
    }

    /// <summary>The 16 bits of a feature of a tile, as <see cref="Candidates"/> draws them: the highest of its u.</summary>
    public static uint Highest(ulong rowKey, int slot)
    {
        var (lane, part) = (slot % Lanes, slot / Lanes);
        var word = CounterRandom.At(rowKey, part / 2 * (Lanes / 2) + lane / 2);
        return (uint)(word >> (lane % 2 * 32 + part % 2 * Bits)) & ushort.MaxValue;
    }

    /// <summary>At least Φ(y), y at most 0, and at most a sixth more from −6 on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Bound(Vector128<float> y)
    {
        y = Vector128.Max(y, Vector128.Create(Least));
        var slope = Vector128.FusedMultiplyAdd(Vector128.Create(C * Mantissa), y, Vector128.Create(B * Mantissa));
        return Vector128.ConvertToInt32Native(Vector128.FusedMultiplyAdd(slope, y, Vector128.Create((A + Bias) * Mantissa))).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static ulong May(Vector512<uint> highest, float* scores)
    {
        var score = Vector512.Load(scores);
        var y = Vector512.Max(score, Vector512.Create(Least));
        var slope = Vector512.FusedMultiplyAdd(Vector512.Create(C * Mantissa), y, Vector512.Create(B * Mantissa));
        var bits = Vector512.FusedMultiplyAdd(slope, y, Vector512.Create((A + Bias + Bits) * Mantissa));
        var bound = Vector512.ConvertToInt32Native(bits).AsSingle();
        return Vector512.ExtractMostSignificantBits(
            Vector512.LessThanOrEqual(Vector512.ConvertToSingle(highest.AsInt32()), bound)
            | Vector512.GreaterThan(score, Vector512<float>.Zero));   // there the bound says nothing
    }
}

using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Superposition.Randomness;

namespace Superposition.Features;

/// <summary>
/// Rows of independent features. A feature has a counter of its own, and draw r of it, a 32-bit u, says both whether it is
/// active, u &lt; p·2³², and its value's quantile, u / (p·2³²); two neighbouring rows share one 64-bit draw. Where many features
/// are sparse they are visited by geometric gaps instead, octave by octave of p, and thinned within the octave, so that a row
/// costs about as much as it has active features.
/// </summary>
internal sealed unsafe class IndependentRows : RowStream
{
    const double GapsBelow = 1.0 / 16;        // denser features are cheaper one by one,
    const int GapsFrom = 512;                 // and so are few of them,
    const double CounterFrom = 1.0 / 16384;   // unless 32 bits leave a value less than 18

    readonly FeatureValues values;
    readonly float slope, offset;    // of the quantile function, where it is a line; else 1 and 0
    readonly bool isLine;
    readonly ulong key;
    readonly int[] counted;          // features with a counter of their own, ascending
    readonly bool allCounted;
    // By feature, padded with zeros to whole blocks of 64.
    readonly ulong[] keys, pairKeys; // pairKeys: of sixteen features the even ones, then the odd
    readonly uint[] limits;          // active when u ≤ limit
    readonly float[] scales, shifts; // quantile (u + ½) / (limit + 1)
    readonly Octave[] octaves;
    readonly bool sort;              // blocks interleave, so what they yield must be put in order

    /// <summary>Features with p in (2^−(e+1), 2^−e]; gaps are drawn at the largest p and hits kept with p_i / largest.</summary>
    sealed record Octave(int Exponent, int[] Features, double LogMiss, double[]? Keep);

    public IndependentRows(SparseFeatureOptions world, long stream) : base(world.Features)
    {
        values = world.Values;
        (isLine, slope, offset) = values.Line is { } line ? (true, line.Slope, line.Offset) : (false, 1, 0);
        key = CounterRandom.At(CounterRandom.Key(world.Seed, 0), stream);
        var p = world.Density.Expand(Width);
        octaves = [.. Enumerable.Range(0, Width)
            .Where(i => p[i] > 0 && p[i] < GapsBelow)
            .GroupBy(i => Math.ILogB(p[i]))
            .Where(octave => octave.Count() >= GapsFrom || octave.Min(i => p[i]) < CounterFrom)
            .OrderBy(octave => octave.Key)
            .Select(octave => OctaveOf(octave.Key, [.. octave], p))];
        var byGaps = octaves.SelectMany(o => o.Features).ToHashSet();
        counted = [.. Enumerable.Range(0, Width).Where(i => p[i] > 0 && !byGaps.Contains(i))];
        allCounted = counted.Length == Width;
        sort = octaves.Length + (counted.Length > 0 ? 1 : 0) > 1;
        var padded = (Width + 63) / 64 * 64;
        (keys, pairKeys) = (new ulong[padded], new ulong[padded]);
        (limits, scales, shifts) = (new uint[padded], new float[padded], new float[padded]);
        foreach (var i in counted)
        {
            var below = Math.Max(1, Math.Round(p[i] * 4294967296.0));
            keys[i] = CounterRandom.At(CounterRandom.At(key, -1), i);   // rows are not negative
            pairKeys[i / Lanes * Lanes + (i & 1) * (Lanes / 2) + i % Lanes / 2] = keys[i];
            limits[i] = (uint)(below - 1);
            // Rounded down, so that no quantile comes out above 1.
            (scales[i], shifts[i]) = (MathF.BitDecrement((float)(1 / below)), (float)(0.5 / below));
        }
    }

    public override int Draw(long row, Span<int> indices, Span<float> active)
    {
        var count = 0;
        foreach (var i in counted)
        {
            var bits = CounterRandom.At(keys[i], row >> 1);
            var u = (uint)((row & 1) == 0 ? bits : bits >> 32);
            if (u > limits[i]) continue;
            indices[count] = i;
            active[count++] = Value(MathF.FusedMultiplyAdd(u, scales[i], shifts[i]));
        }
        if (octaves.Length == 0) return count;
        var rowKey = CounterRandom.At(key, row);
        foreach (var octave in octaves) count = Draw(octave, rowKey, indices, active, count);
        if (sort) MemoryExtensions.Sort(indices[..count], active[..count]);
        return count;
    }

    public override void DrawLanes(long firstRow, int vectors, float* lanes)
    {
        if (octaves.Length > 0 || (firstRow & 1) != 0)
        {
            base.DrawLanes(firstRow, vectors, lanes);
            return;
        }
        var stride = vectors * Lanes;
        if (!allCounted) new Span<float>(lanes, Width * stride).Clear();
        foreach (var i in counted)
        {
            var counter = CounterRandom.Counters(keys[i], firstRow >> 1);
            var (limit, scale, shift) = (Vector512.Create(limits[i]), Vector512.Create(scales[i]), Vector512.Create(shifts[i]));
            var target = lanes + i * stride;
            for (var v = 0; v < vectors; v++, target += Lanes)
            {
                Keep(target, CounterRandom.Mix(counter).AsUInt32(), limit, scale, shift);   // low half, high half: row 2c, row 2c + 1
                counter = CounterRandom.NextEight(counter);
            }
        }
        if (!isLine) ByQuantile(lanes, Width * stride);
    }

    public override void DrawDense(long firstRow, int rows, int stride, float* x, ulong* masks)
    {
        if (!allCounted || (firstRow & 1) != 0 || (rows & 1) != 0)
        {
            base.DrawDense(firstRow, rows, stride, x, masks);
            return;
        }
        for (var r = 0; r < rows; r += 2)
            DrawPair(firstRow + r, x + r * stride, x + (r + 1) * stride, masks + r * (stride / 64), masks + (r + 1) * (stride / 64));
        if (!isLine) ByQuantile(x, rows * stride);
    }

    // Sixteen features of two rows at a time: a 64-bit draw has a row in either half.
    void DrawPair(long evenRow, float* even, float* odd, ulong* activeEven, ulong* activeOdd)
    {
        var counter = Vector512.Create(CounterRandom.Offset(evenRow >> 1));
        var lower = Vector512.Create((ulong)uint.MaxValue);
        fixed (ulong* key = pairKeys)
        fixed (uint* limit = limits)
        fixed (float* scale = scales, shift = shifts)
            for (var block = 0; block < Width; block += 64)
            {
                var (seenEven, seenOdd) = (0UL, 0UL);
                for (var at = 0; at < 64; at += Lanes)
                {
                    var i = block + at;
                    var first = CounterRandom.Mix(Vector512.Load(key + i) + counter);
                    var second = CounterRandom.Mix(Vector512.Load(key + i + Lanes / 2) + counter);
                    var (limits, scales, shifts) = (Vector512.Load(limit + i), Vector512.Load(scale + i), Vector512.Load(shift + i));
                    seenEven |= Keep(even + i, Vector512.ConditionalSelect(lower, first, second << 32).AsUInt32(), limits, scales, shifts) << at;
                    seenOdd |= Keep(odd + i, Vector512.ConditionalSelect(lower, first >>> 32, second).AsUInt32(), limits, scales, shifts) << at;
                }
                // Those beyond n have a limit of 0, which a draw may meet.
                var possible = Width - block >= 64 ? ulong.MaxValue : (1UL << (Width - block)) - 1;
                activeEven[block / 64] = seenEven & possible;
                activeOdd[block / 64] = seenOdd & possible;
            }
    }

    // The values of sixteen features in a row, or their quantiles, and a bit for each that is active.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    ulong Keep(float* target, Vector512<uint> u, Vector512<uint> limit, Vector512<float> scale, Vector512<float> shift)
    {
        var isActive = Vector512.LessThanOrEqual(u, limit);
        var quantile = Vector512.FusedMultiplyAdd(Vector512.ConvertToSingle(u), scale, shift);
        var value = Vector512.FusedMultiplyAdd(Vector512.Create(slope), quantile, Vector512.Create(offset));
        Vector512.ConditionalSelect(isActive.AsSingle(), value, Vector512<float>.Zero).Store(target);
        return Vector512.ExtractMostSignificantBits(isActive);
    }

    // Apart from the draws, whose vectors would have to make way for a call. A quantile is above 0.
    void ByQuantile(float* quantiles, int count)
    {
        for (var at = 0; at < count; at += Lanes, quantiles += Lanes)
            for (var active = ~Vector512.ExtractMostSignificantBits(Vector512.Equals(Vector512.Load(quantiles), Vector512<float>.Zero)) & 0xFFFF;
                active != 0; active &= active - 1)
            {
                var lane = BitOperations.TrailingZeroCount(active);
                quantiles[lane] = values.Quantile(quantiles[lane]);
            }
    }

    float Value(float quantile) => isLine ? MathF.FusedMultiplyAdd(slope, quantile, offset) : values.Quantile(quantile);

    int Draw(Octave octave, ulong rowKey, Span<int> indices, Span<float> active, int count)
    {
        var random = new CounterRandom(CounterRandom.At(rowKey, octave.Exponent));   // exponents are negative, features are not
        for (var at = -1; ;)
        {
            var gap = Math.Log(random.NextUniform()) / octave.LogMiss;   // P(⌊gap⌋ ≥ g) = (1 − p)^g
            if (gap >= octave.Features.Length - 1 - at) return count;
            at += 1 + (int)gap;
            var bits = random.Next();
            if (octave.Keep is { } keep && (bits >> 32) * (1 / 4294967296.0) >= keep[at]) continue;
            indices[count] = octave.Features[at];
            active[count++] = Value(CounterRandom.Uniform24(bits));
        }
    }

    static Octave OctaveOf(int exponent, int[] features, double[] p)
    {
        var largest = features.Max(i => p[i]);
        var equal = features.All(i => p[i] == largest);
        return new(exponent, features, LogOnePlus(-largest), equal ? null : [.. features.Select(i => p[i] / largest)]);
    }

    // log(1 + x) for small |x|: the naive form loses p below 1e-8 altogether (Kahan's correction).
    static double LogOnePlus(double x)
    {
        var sum = 1 + x;
        return sum == 1 ? x : Math.Log(sum) * (x / (sum - 1));
    }
}

using Superposition.Randomness;

namespace Superposition.Features;

/// <summary>
/// One stream of rows of a world. Row r is a pure function of (seed, stream, r): features with p ≥ 1/16 are drawn one by one,
/// feature i from counter i of the row; sparser ones are visited by geometric gaps, octave by octave of p, and thinned
/// within the octave, so that a row costs about as much as it has active features.
/// </summary>
internal sealed class RowStream
{
    const double DenseFrom = 1.0 / 16;

    readonly FeatureValues values;
    readonly ulong key;
    readonly int[] dense;
    readonly ulong[] denseBelow;   // active when the draw's upper 32 bits lie below
    readonly Octave[] octaves;
    readonly bool sort;            // blocks interleave, so what they yield must be put in order

    /// <summary>Features with p in (2^−(e+1), 2^−e]; gaps are drawn at the largest p and hits kept with p_i / largest.</summary>
    sealed record Octave(int Exponent, int[] Features, double LogMiss, double[]? Keep);

    public RowStream(SparseFeatureOptions world, long stream)
    {
        values = world.Values;
        key = CounterRandom.At(CounterRandom.Key(world.Seed, 0), stream);
        Width = world.Features;
        var p = world.Density.Expand(Width);
        dense = [.. Enumerable.Range(0, Width).Where(i => p[i] >= DenseFrom)];
        denseBelow = [.. dense.Select(i => (ulong)Math.Round(p[i] * 4294967296.0))];
        octaves = [.. Enumerable.Range(0, Width)
            .Where(i => p[i] > 0 && p[i] < DenseFrom)
            .GroupBy(i => Math.ILogB(p[i]))
            .OrderBy(octave => octave.Key)
            .Select(octave => OctaveOf(octave.Key, [.. octave], p))];
        sort = octaves.Length + (dense.Length > 0 ? 1 : 0) > 1;
    }

    /// <summary>n.</summary>
    public int Width { get; }

    /// <summary>Writes the active features of a row, in ascending order, into the first slots of two spans of n; returns how many.</summary>
    public int Draw(long row, Span<int> indices, Span<float> active)
    {
        var rowKey = CounterRandom.At(key, row);
        var count = 0;
        for (var i = 0; i < dense.Length; i++)
        {
            var bits = CounterRandom.At(rowKey, dense[i]);
            if (bits >> 32 >= denseBelow[i]) continue;
            indices[count] = dense[i];
            active[count++] = values.Quantile(CounterRandom.Uniform24(bits));
        }
        foreach (var octave in octaves) count = Draw(octave, rowKey, indices, active, count);
        if (sort) MemoryExtensions.Sort(indices[..count], active[..count]);
        return count;
    }

    /// <summary>[rows, n] Consecutive rows, dense.</summary>
    public void Fill(long firstRow, int rows, Span<float> destination)
    {
        destination[..(rows * Width)].Clear();
        var indices = new int[Width];
        var active = new float[Width];
        for (var r = 0; r < rows; r++)
        {
            var count = Draw(firstRow + r, indices, active);
            var target = destination.Slice(r * Width, Width);
            for (var c = 0; c < count; c++) target[indices[c]] = active[c];
        }
    }

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
            active[count++] = values.Quantile(CounterRandom.Uniform24(bits));
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

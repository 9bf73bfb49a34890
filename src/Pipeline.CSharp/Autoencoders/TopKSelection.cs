using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Superposition.Autoencoders;

/// <summary>
/// The k largest positive values of a row, without a sort of the row. The maxima of disjoint sets of values are values, so
/// their k-th largest is a floor that at least k values reach, and few more; only those are compared with one another.
/// </summary>
internal static class TopKSelection
{
    /// <summary>
    /// Writes the k largest values above 0 (of equal ones the first), ascending by index, into spans of at least m; returns how many.
    /// </summary>
    public static int Select(int k, ReadOnlySpan<float> row, Span<int> indices, Span<float> values)
    {
        var count = AtLeast(row, Floor(k, row), indices, values);
        return count > k ? Keep(k, indices, values, count) : count;
    }

    /// <summary>The same; floor is a guess that changes what it costs, not what it is: best a little below the k-th largest value.</summary>
    public static int Select(int k, ReadOnlySpan<float> row, float floor, Span<int> indices, Span<float> values)
    {
        if (floor > 0)
        {
            var count = AtLeast(row, floor, indices, values);
            if (count >= k) return count > k ? Keep(k, indices, values, count) : count;
        }
        return Select(k, row, indices, values);
    }

    /// <summary>Writes all values from a least one on, ascending by index, into spans of at least m; returns how many.</summary>
    public static int AtLeast(ReadOnlySpan<float> row, float least, Span<int> indices, Span<float> values)
    {
        ref var first = ref MemoryMarshal.GetReference(row);
        var (bound, count, at) = (Vector512.Create(least), 0, 0);
        for (; at <= row.Length - Vector512<float>.Count; at += Vector512<float>.Count)
        {
            var found = Vector512.GreaterThanOrEqual(Vector512.LoadUnsafe(ref first, (nuint)at), bound).ExtractMostSignificantBits();
            for (; found != 0; found &= found - 1)
            {
                var i = at + BitOperations.TrailingZeroCount(found);
                indices[count] = i;
                values[count++] = row[i];
            }
        }
        for (; at < row.Length; at++)
            if (row[at] >= least)
            {
                indices[count] = at;
                values[count++] = row[at];
            }
        return count;
    }

    // Above 0, and not above the k-th largest value. A set is one lane of a run of vectors; eight sets a wanted value keep it sharp.
    static float Floor(int k, ReadOnlySpan<float> row)
    {
        const float LeastPositive = float.Epsilon;
        var vectors = MemoryMarshal.Cast<float, Vector<float>>(row);
        var run = row.Length / 8 / k;
        var runs = run < 2 ? 0 : vectors.Length / run;
        if (runs * Vector<float>.Count < k) return LeastPositive;
        var maxima = new float[runs * Vector<float>.Count];
        var lanes = MemoryMarshal.Cast<float, Vector<float>>(maxima.AsSpan());
        for (var r = 0; r < runs; r++)
        {
            var largest = Vector<float>.Zero;   // a comparison, not Max, so that NaN never enters
            foreach (var vector in vectors.Slice(r * run, run))
                largest = Vector.ConditionalSelect(Vector.GreaterThan(vector, largest), vector, largest);
            lanes[r] = largest;
        }
        return Math.Max(LeastPositive, Largest(k, maxima));
    }

    /// <summary>Keeps the k best of more candidates, of equal ones the first, in the order they are in; returns k.</summary>
    public static int Keep(int k, Span<int> indices, Span<float> values, int count)
    {
        var least = Largest(k, values[..count].ToArray());
        var ties = k;   // how many of the least may stay
        foreach (var value in values[..count]) if (value > least) ties--;
        var kept = 0;
        for (var i = 0; i < count; i++)
        {
            if (values[i] < least || values[i] == least && ties-- <= 0) continue;
            (indices[kept], values[kept]) = (indices[i], values[i]);
            kept++;
        }
        return kept;
    }

    /// <summary>The k-th largest (k from 1), by Hoare's selection; moves the values about. There is no NaN among them.</summary>
    public static float Largest(int k, Span<float> values)
    {
        while (values.Length > 1)
        {
            var pivot = values[values.Length / 2];
            var (i, j) = (0, values.Length - 1);
            while (i <= j)
            {
                while (values[i] > pivot) i++;
                while (values[j] < pivot) j--;
                if (i > j) break;
                (values[i], values[j]) = (values[j], values[i]);
                i++;
                j--;
            }
            // All up to j are at least the pivot, all from i at most; what lies between equals it.
            if (k <= j + 1) values = values[..(j + 1)];
            else if (k <= i) return pivot;
            else
            {
                values = values[i..];
                k -= i;
            }
        }
        return values[0];
    }
}

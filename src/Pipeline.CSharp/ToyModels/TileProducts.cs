using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static Superposition.ToyModels.VectorArithmetic;

namespace Superposition.ToyModels;

/// <summary>
/// The two products of <see cref="FusedRows{T}"/> that skip what is 0: of a group of rows, each with factors f [slots] and a bit for
/// each that counts, with a tile of 64 features of a matrix M [n, stride]. Where most bits of a tile are set, what is not set is
/// cheaper taken along, as the 0 it is, than found.
/// </summary>
/// <param name="n">Features.</param>
/// <param name="stride">Elements between rows of M: d rounded up to whole vectors, which go through two or three at once.</param>
/// <param name="slots">Elements between rows of factors: n rounded up to whole tiles.</param>
internal sealed unsafe class TileProducts<T>(int n, int stride, int slots) where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public const int Tile = 64;

    const float DenseSums = 0.6f, DenseProducts = 0.45f;   // shares of a tile from which all of it is cheaper, as measured

    readonly int words = slots / Tile;

    static int Lanes => Vector512<T>.Count;

    /// <summary>To each row's sum [stride]: Σ_i f_i M_i over the tile's features.</summary>
    public void Combine(int here, int word, ulong* set, T* factors, T* matrix, T* sums)
    {
        var isDense = Share(here, word, set) > DenseSums;
        matrix += word * Tile * stride;
        factors += word * Tile;
        for (var at = 0; at < stride;)
        {
            var width = WidthOf(stride - at);
            switch (isDense, width)
            {
                case (true, 1): CombineAll<One>(here, word, factors, matrix + at, sums + at); break;
                case (true, 2): CombineAll<Two>(here, word, factors, matrix + at, sums + at); break;
                case (true, 3): CombineAll<Three>(here, word, factors, matrix + at, sums + at); break;
                case (false, 1): CombineSet<One>(here, set + word, factors, matrix + at, sums + at); break;
                case (false, 2): CombineSet<Two>(here, set + word, factors, matrix + at, sums + at); break;
                case (false, 3): CombineSet<Three>(here, set + word, factors, matrix + at, sums + at); break;
            }
            at += width * Lanes;
        }
    }

    /// <summary>Adds f_i v to M_i, for each row's vector v [stride] and the tile's features.</summary>
    public void Add(int here, int word, ulong* set, T* factors, T* vectors, T* matrix)
    {
        var isDense = Share(here, word, set) > DenseProducts;
        matrix += word * Tile * stride;
        factors += word * Tile;
        for (var at = 0; at < stride;)
        {
            var width = WidthOf(stride - at);
            switch (isDense, width)
            {
                case (true, 1): AddAll<One>(here, word, factors, vectors + at, matrix + at); break;
                case (true, 2): AddAll<Two>(here, word, factors, vectors + at, matrix + at); break;
                case (true, 3): AddAll<Three>(here, word, factors, vectors + at, matrix + at); break;
                case (false, 1): AddSet<One>(here, set + word, factors, vectors + at, matrix + at); break;
                case (false, 2): AddSet<Two>(here, set + word, factors, vectors + at, matrix + at); break;
                case (false, 3): AddSet<Three>(here, set + word, factors, vectors + at, matrix + at); break;
            }
            at += width * Lanes;
        }
    }

    // Three vectors at once as long as they go, but four as two and two: each pass over a set costs its own.
    static int WidthOf(int length) => length / Lanes is 4 ? 2 : Math.Min(3, length / Lanes);

    // The share of the tile's bits that are set, over the group's rows.
    float Share(int here, int word, ulong* set)
    {
        var count = 0;
        for (var r = 0; r < here; r++) count += BitOperations.PopCount(set[r * words + word]);
        return (float)count / (here * Math.Min(Tile, n - word * Tile));
    }

    // Features of even and odd rank have a sum each, so that more chains are under way.
    void CombineSet<TWidth>(int here, ulong* set, T* factors, T* matrix, T* sums) where TWidth : struct, IWidth
    {
        for (var r = 0; r < here; r++, set += words, factors += slots, sums += stride)
        {
            Vector512<T> even0 = Vector512.Load(sums), odd0 = default;
            Vector512<T> even1 = TWidth.Count > 1 ? Vector512.Load(sums + Lanes) : default, odd1 = default;
            Vector512<T> even2 = TWidth.Count > 2 ? Vector512.Load(sums + 2 * Lanes) : default, odd2 = default;
            for (var left = *set; left != 0; left &= left - 1)
            {
                var i = BitOperations.TrailingZeroCount(left);
                var f = Vector512.Create(factors[i]);
                var row = matrix + i * stride;
                even0 = Fma(f, Vector512.Load(row), even0);
                if (TWidth.Count > 1) even1 = Fma(f, Vector512.Load(row + Lanes), even1);
                if (TWidth.Count > 2) even2 = Fma(f, Vector512.Load(row + 2 * Lanes), even2);
                left &= left - 1;
                if (left == 0) break;
                i = BitOperations.TrailingZeroCount(left);
                f = Vector512.Create(factors[i]);
                row = matrix + i * stride;
                odd0 = Fma(f, Vector512.Load(row), odd0);
                if (TWidth.Count > 1) odd1 = Fma(f, Vector512.Load(row + Lanes), odd1);
                if (TWidth.Count > 2) odd2 = Fma(f, Vector512.Load(row + 2 * Lanes), odd2);
            }
            (even0 + odd0).Store(sums);
            if (TWidth.Count > 1) (even1 + odd1).Store(sums + Lanes);
            if (TWidth.Count > 2) (even2 + odd2).Store(sums + 2 * Lanes);
        }
    }

    // Four rows at a time, so that a feature's weights are read once for all of them; nobody's rows are summed too and never read.
    void CombineAll<TWidth>(int here, int word, T* factors, T* matrix, T* sums) where TWidth : struct, IWidth
    {
        var features = Math.Min(Tile, n - word * Tile);
        for (var r = 0; r < here; r += 4, factors += 4 * slots, sums += 4 * stride)
        {
            T* sums1 = sums + stride, sums2 = sums1 + stride, sums3 = sums2 + stride;
            Vector512<T> a0 = Vector512.Load(sums), a1 = Vector512.Load(sums1), a2 = Vector512.Load(sums2), a3 = Vector512.Load(sums3);
            Vector512<T> b0 = default, b1 = default, b2 = default, b3 = default, c0 = default, c1 = default, c2 = default, c3 = default;
            if (TWidth.Count > 1) (b0, b1, b2, b3) = Four(sums + Lanes);
            if (TWidth.Count > 2) (c0, c1, c2, c3) = Four(sums + 2 * Lanes);
            T* row = matrix, factor = factors;
            for (var i = 0; i < features; i++, row += stride, factor++)
            {
                var first = Vector512.Load(row);
                Vector512<T> second = TWidth.Count > 1 ? Vector512.Load(row + Lanes) : default;
                Vector512<T> third = TWidth.Count > 2 ? Vector512.Load(row + 2 * Lanes) : default;
                Vector512<T> f0 = Vector512.Create(factor[0]), f1 = Vector512.Create(factor[slots]);
                Vector512<T> f2 = Vector512.Create(factor[2 * slots]), f3 = Vector512.Create(factor[3 * slots]);
                (a0, a1, a2, a3) = (Fma(f0, first, a0), Fma(f1, first, a1), Fma(f2, first, a2), Fma(f3, first, a3));
                if (TWidth.Count > 1) (b0, b1, b2, b3) = (Fma(f0, second, b0), Fma(f1, second, b1), Fma(f2, second, b2), Fma(f3, second, b3));
                if (TWidth.Count > 2) (c0, c1, c2, c3) = (Fma(f0, third, c0), Fma(f1, third, c1), Fma(f2, third, c2), Fma(f3, third, c3));
            }
            Store(sums, a0, a1, a2, a3);
            if (TWidth.Count > 1) Store(sums + Lanes, b0, b1, b2, b3);
            if (TWidth.Count > 2) Store(sums + 2 * Lanes, c0, c1, c2, c3);
        }
    }

    // A vector of each of four rows.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    (Vector512<T>, Vector512<T>, Vector512<T>, Vector512<T>) Four(T* sums) =>
        (Vector512.Load(sums), Vector512.Load(sums + stride), Vector512.Load(sums + 2 * stride), Vector512.Load(sums + 3 * stride));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    void Store(T* sums, Vector512<T> v0, Vector512<T> v1, Vector512<T> v2, Vector512<T> v3)
    {
        v0.Store(sums);
        v1.Store(sums + stride);
        v2.Store(sums + 2 * stride);
        v3.Store(sums + 3 * stride);
    }

    void AddSet<TWidth>(int here, ulong* set, T* factors, T* vectors, T* matrix) where TWidth : struct, IWidth
    {
        for (var r = 0; r < here; r++, set += words, factors += slots, vectors += stride)
        {
            var v0 = Vector512.Load(vectors);
            Vector512<T> v1 = TWidth.Count > 1 ? Vector512.Load(vectors + Lanes) : default;
            Vector512<T> v2 = TWidth.Count > 2 ? Vector512.Load(vectors + 2 * Lanes) : default;
            for (var left = *set; left != 0; left &= left - 1)
            {
                var i = BitOperations.TrailingZeroCount(left);
                var f = Vector512.Create(factors[i]);
                var row = matrix + i * stride;
                Fma(f, v0, Vector512.Load(row)).Store(row);
                if (TWidth.Count > 1) Fma(f, v1, Vector512.Load(row + Lanes)).Store(row + Lanes);
                if (TWidth.Count > 2) Fma(f, v2, Vector512.Load(row + 2 * Lanes)).Store(row + 2 * Lanes);
            }
        }
    }

    // Two features at a time stay in registers over the group's rows; the one beyond an odd n has factors of 0.
    void AddAll<TWidth>(int here, int word, T* factors, T* vectors, T* matrix) where TWidth : struct, IWidth
    {
        var features = Math.Min(Tile, n - word * Tile);
        for (var i = 0; i < features; i += 2, factors += 2, matrix += 2 * stride)
        {
            var next = matrix + stride;
            Vector512<T> a0 = Vector512.Load(matrix), b0 = Vector512.Load(next), a1 = default, b1 = default, a2 = default, b2 = default;
            if (TWidth.Count > 1) (a1, b1) = (Vector512.Load(matrix + Lanes), Vector512.Load(next + Lanes));
            if (TWidth.Count > 2) (a2, b2) = (Vector512.Load(matrix + 2 * Lanes), Vector512.Load(next + 2 * Lanes));
            T* factor = factors, vector = vectors;
            for (var r = 0; r < here; r++, factor += slots, vector += stride)
            {
                var v0 = Vector512.Load(vector);
                Vector512<T> v1 = TWidth.Count > 1 ? Vector512.Load(vector + Lanes) : default;
                Vector512<T> v2 = TWidth.Count > 2 ? Vector512.Load(vector + 2 * Lanes) : default;
                Vector512<T> first = Vector512.Create(factor[0]), second = Vector512.Create(factor[1]);
                (a0, b0) = (Fma(first, v0, a0), Fma(second, v0, b0));
                if (TWidth.Count > 1) (a1, b1) = (Fma(first, v1, a1), Fma(second, v1, b1));
                if (TWidth.Count > 2) (a2, b2) = (Fma(first, v2, a2), Fma(second, v2, b2));
            }
            a0.Store(matrix);
            b0.Store(next);
            if (TWidth.Count > 1) a1.Store(matrix + Lanes);
            if (TWidth.Count > 1) b1.Store(next + Lanes);
            if (TWidth.Count > 2) a2.Store(matrix + 2 * Lanes);
            if (TWidth.Count > 2) b2.Store(next + 2 * Lanes);
        }
    }
}

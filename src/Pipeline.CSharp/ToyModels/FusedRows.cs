using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Superposition.Features;

namespace Superposition.ToyModels;

/// <summary>
/// Features and hidden units in lanes, for larger models: only active features enter Wᵀx, and only open outputs, those with a
/// positive pre-activation, have a gradient. A group of rows visits 64 features at a time, so that their weights and gradients are
/// read from the first-level cache, and four rows share each vector of U that the outputs read.
/// </summary>
internal sealed unsafe class FusedRows<T> : FusedModel<T> where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    const int Group = 16, Tile = 64;
    const float DenseSums = 0.6f, DenseProducts = 0.45f;   // shares of a tile from which all of it is cheaper, as measured

    readonly int words, hiddenVectors;
    readonly Aligned<float> draws;
    readonly Aligned<ulong> bits;
    readonly Aligned<T> memory, transposed;
    readonly T* x, delta, h, gradientOfH;   // [Group, slots] and [Group, stride]
    readonly T* columns;                    // [d, slots] Uᵀ
    readonly ulong* active, open;           // [Group, words] a bit a feature

    public FusedRows(ToyModel initial, double[] importance, ToyModelOptions options) : base(
        initial, importance, options, rows: RoundUp(initial.Features, 2), stride: RoundUp(initial.Dimensions, Lanes),
        slots: RoundUp(initial.Features, Tile))
    {
        (words, hiddenVectors) = (slots / Tile, stride / Lanes);
        draws = new(Group * slots);
        bits = new(2 * Group * words);
        memory = new(2 * Group * (slots + stride));
        transposed = new(d * slots);
        x = memory.Pointer;
        delta = x + Group * slots;
        h = delta + Group * slots;
        gradientOfH = h + Group * stride;
        columns = transposed.Pointer;
        active = bits.Pointer;
        open = active + Group * words;
        Updated();
    }

    protected override void Begin() => GradientSpan.Clear();

    protected override void End() { }

    protected override double Rows(RowStream rows, long firstRow, int count, T scale)
    {
        var loss = 0.0;
        for (var done = 0; done < count; done += Group)
        {
            var here = Math.Min(Group, count - done);   // the last group draws rows that are nobody's
            if (typeof(T) == typeof(float)) rows.DrawDense(firstRow + done, Group, slots, (float*)x, active);
            else
            {
                rows.DrawDense(firstRow + done, Group, slots, draws.Pointer, active);
                Widen(draws.Pointer, x, Group * slots);
            }
            new Span<T>(h, 2 * Group * stride).Clear();   // and the gradient
            new Span<ulong>(open, Group * words).Clear();
            for (var word = 0; word < words; word++) Combine(here, word, active, x, w, h);
            CloseUnits(here);
            for (var word = 0; word < words; word++)
            {
                loss += Decode(here, word, scale);
                Combine(here, word, open, delta, u, gradientOfH);
            }
            PassUnits(here, scale);
            for (var word = 0; word < words; word++)
            {
                AddProducts(here, word, open, delta, h, gradientOfU);
                AddProducts(here, word, active, x, gradientOfH, gradientOfW);
            }
        }
        return loss / double.CreateChecked(scale + scale);
    }

    // h = σ(Wᵀx), once the sum is whole.
    void CloseUnits(int here)
    {
        if (hiddenFloor != T.Zero) return;
        var floor = Vector512.Create(hiddenFloor);
        for (var unit = h; unit < h + here * stride; unit += Lanes) Max(Vector512.Load(unit), floor).Store(unit);
    }

    // ∂L/∂(Wᵀx) = Uᵀδ + λ sign(h)/B, where the unit is open.
    void PassUnits(int here, T scale)
    {
        if (!hasPenalty && hiddenFloor != T.Zero) return;
        var (floor, push) = (Vector512.Create(hiddenFloor), Vector512.Create(penalty * scale));
        for (var at = 0; at < here * stride; at += Lanes)
        {
            var hidden = Vector512.Load(h + at);
            var gradient = Vector512.Load(gradientOfH + at) + Push(hidden, push);
            Vector512.ConditionalSelect(Vector512.GreaterThan(hidden, floor), gradient, Vector512<T>.Zero).Store(gradientOfH + at);
        }
    }

    // To each row's sum: Σ_i f_i M_i over the tile's features.
    void Combine(int here, int word, ulong* set, T* factors, T* matrix, T* sums)
    {
        var isDense = Share(here, word, set) > DenseSums;
        matrix += word * Tile * stride;
        factors += word * Tile;
        for (var c = 0; c < hiddenVectors; c += 2)
            switch (isDense, c + 1 < hiddenVectors)
            {
                case (true, true): CombineAll<Two>(here, word, factors, matrix + c * Lanes, sums + c * Lanes); break;
                case (true, false): CombineAll<One>(here, word, factors, matrix + c * Lanes, sums + c * Lanes); break;
                case (false, true): CombineSet<Two>(here, set + word, factors, matrix + c * Lanes, sums + c * Lanes); break;
                case (false, false): CombineSet<One>(here, set + word, factors, matrix + c * Lanes, sums + c * Lanes); break;
            }
    }

    // The share of the tile's bits that are set, over the group's rows. Where it is high, what is not set is cheaper added, as the 0
    // it is, than found.
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
            Vector512<T> even1 = TWidth.IsTwo ? Vector512.Load(sums + Lanes) : default, odd1 = default;
            for (var left = *set; left != 0; left &= left - 1)
            {
                var i = BitOperations.TrailingZeroCount(left);
                var f = Vector512.Create(factors[i]);
                even0 = Fma(f, Vector512.Load(matrix + i * stride), even0);
                if (TWidth.IsTwo) even1 = Fma(f, Vector512.Load(matrix + i * stride + Lanes), even1);
                left &= left - 1;
                if (left == 0) break;
                i = BitOperations.TrailingZeroCount(left);
                f = Vector512.Create(factors[i]);
                odd0 = Fma(f, Vector512.Load(matrix + i * stride), odd0);
                if (TWidth.IsTwo) odd1 = Fma(f, Vector512.Load(matrix + i * stride + Lanes), odd1);
            }
            (even0 + odd0).Store(sums);
            if (TWidth.IsTwo) (even1 + odd1).Store(sums + Lanes);
        }
    }

    // Four rows at a time, so that a feature's weights are read once for all of them; nobody's rows are summed too and never read.
    void CombineAll<TWidth>(int here, int word, T* factors, T* matrix, T* sums) where TWidth : struct, IWidth
    {
        var features = Math.Min(Tile, n - word * Tile);
        for (var r = 0; r < here; r += 4, factors += 4 * slots, sums += 4 * stride)
        {
            Vector512<T> a0 = Vector512.Load(sums), a1 = Vector512.Load(sums + stride);
            Vector512<T> a2 = Vector512.Load(sums + 2 * stride), a3 = Vector512.Load(sums + 3 * stride);
            Vector512<T> b0 = default, b1 = default, b2 = default, b3 = default;
            if (TWidth.IsTwo)
            {
                b0 = Vector512.Load(sums + Lanes);
                b1 = Vector512.Load(sums + stride + Lanes);
                b2 = Vector512.Load(sums + 2 * stride + Lanes);
                b3 = Vector512.Load(sums + 3 * stride + Lanes);
            }
            T* row = matrix, factor = factors;
            for (var i = 0; i < features; i++, row += stride, factor++)
            {
                Vector512<T> first = Vector512.Load(row), second = TWidth.IsTwo ? Vector512.Load(row + Lanes) : default;
                var f = Vector512.Create(factor[0]);
                a0 = Fma(f, first, a0);
                if (TWidth.IsTwo) b0 = Fma(f, second, b0);
                f = Vector512.Create(factor[slots]);
                a1 = Fma(f, first, a1);
                if (TWidth.IsTwo) b1 = Fma(f, second, b1);
                f = Vector512.Create(factor[2 * slots]);
                a2 = Fma(f, first, a2);
                if (TWidth.IsTwo) b2 = Fma(f, second, b2);
                f = Vector512.Create(factor[3 * slots]);
                a3 = Fma(f, first, a3);
                if (TWidth.IsTwo) b3 = Fma(f, second, b3);
            }
            a0.Store(sums);
            a1.Store(sums + stride);
            a2.Store(sums + 2 * stride);
            a3.Store(sums + 3 * stride);
            if (!TWidth.IsTwo) continue;
            b0.Store(sums + Lanes);
            b1.Store(sums + stride + Lanes);
            b2.Store(sums + 2 * stride + Lanes);
            b3.Store(sums + 3 * stride + Lanes);
        }
    }

    // The tile's loss times 2/B, δ and which outputs are open. Two vectors of features by four rows are eight chains.
    double Decode(int here, int word, T scale)
    {
        Vector512<T> loss = default;
        var (at, end) = (word * Tile, Math.Min(n, (word + 1) * Tile));
        for (; at + Lanes < end; at += 2 * Lanes)
            for (var r = 0; r < here; r += 4)
            {
                Vector512<T> first = Vector512.Load(b + at), second = Vector512.Load(b + at + Lanes);
                Vector512<T> p0 = first, p1 = first, p2 = first, p3 = first, q0 = second, q1 = second, q2 = second, q3 = second;
                T* column = columns + at, unit = h + r * stride;
                for (var c = 0; c < d; c++, column += slots, unit++)
                {
                    first = Vector512.Load(column);
                    second = Vector512.Load(column + Lanes);
                    var h0 = Vector512.Create(unit[0]);
                    p0 = Fma(h0, first, p0);
                    q0 = Fma(h0, second, q0);
                    var h1 = Vector512.Create(unit[stride]);
                    p1 = Fma(h1, first, p1);
                    q1 = Fma(h1, second, q1);
                    var h2 = Vector512.Create(unit[2 * stride]);
                    p2 = Fma(h2, first, p2);
                    q2 = Fma(h2, second, q2);
                    var h3 = Vector512.Create(unit[3 * stride]);
                    p3 = Fma(h3, first, p3);
                    q3 = Fma(h3, second, q3);
                }
                loss = Outputs(at, r, here, scale, p0, p1, p2, p3, loss);
                loss = Outputs(at + Lanes, r, here, scale, q0, q1, q2, q3, loss);
            }
        if (at < end)
            for (var r = 0; r < here; r += 4)
            {
                var p0 = Vector512.Load(b + at);
                Vector512<T> p1 = p0, p2 = p0, p3 = p0;
                T* column = columns + at, unit = h + r * stride;
                for (var c = 0; c < d; c++, column += slots, unit++)
                {
                    var weight = Vector512.Load(column);
                    p0 = Fma(Vector512.Create(unit[0]), weight, p0);
                    p1 = Fma(Vector512.Create(unit[stride]), weight, p1);
                    p2 = Fma(Vector512.Create(unit[2 * stride]), weight, p2);
                    p3 = Fma(Vector512.Create(unit[3 * stride]), weight, p3);
                }
                loss = Outputs(at, r, here, scale, p0, p1, p2, p3, loss);
            }
        // Where outputs are linear those beyond n are open too.
        if (end == n && (n & 63) != 0)
            for (var r = 0; r < here; r++) open[r * words + word] &= (1UL << (n & 63)) - 1;
        return double.CreateChecked(Sum(loss));
    }

    // A vector of outputs of each of four rows.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    Vector512<T> Outputs(
        int at, int r, int here, T scale, Vector512<T> p0, Vector512<T> p1, Vector512<T> p2, Vector512<T> p3, Vector512<T> loss)
    {
        var sum = Vector512.Load(gradientOfB + at);
        Output(at, r, scale, p0, ref sum, ref loss);
        if (here > r + 1) Output(at, r + 1, scale, p1, ref sum, ref loss);
        if (here > r + 2) Output(at, r + 2, scale, p2, ref sum, ref loss);
        if (here > r + 3) Output(at, r + 3, scale, p3, ref sum, ref loss);
        sum.Store(gradientOfB + at);
        return loss;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    void Output(int at, int r, T scale, Vector512<T> pre, ref Vector512<T> sum, ref Vector512<T> loss)
    {
        var floor = Vector512.Create(outputFloor);
        var error = Max(pre, floor) - (Vector512.Load(x + r * slots + at) & targetMask);
        var slope = error * (Vector512.Load(importance + at) * (scale + scale));
        loss = Fma(error, slope, loss);
        var isOpen = Vector512.GreaterThan(pre, floor);
        var gradient = Vector512.ConditionalSelect(isOpen, slope, Vector512<T>.Zero);
        gradient.Store(delta + r * slots + at);
        sum += gradient;
        open[r * words + (at >> 6)] |= Vector512.ExtractMostSignificantBits(isOpen) << at;   // by at mod 64
    }

    // Adds f_i v to row i of a matrix, for each row's vector v and the tile's features: δ_i h to ∂L/∂U_i, x_i ∂L/∂(Wᵀx) to ∂L/∂W_i.
    void AddProducts(int here, int word, ulong* set, T* factors, T* vectors, T* matrix)
    {
        var isDense = Share(here, word, set) > DenseProducts;
        matrix += word * Tile * stride;
        factors += word * Tile;
        for (var c = 0; c < hiddenVectors; c += 2)
            switch (isDense, c + 1 < hiddenVectors)
            {
                case (true, true): AddAll<Two>(here, word, factors, vectors + c * Lanes, matrix + c * Lanes); break;
                case (true, false): AddAll<One>(here, word, factors, vectors + c * Lanes, matrix + c * Lanes); break;
                case (false, true): AddSet<Two>(here, set + word, factors, vectors + c * Lanes, matrix + c * Lanes); break;
                case (false, false): AddSet<One>(here, set + word, factors, vectors + c * Lanes, matrix + c * Lanes); break;
            }
    }

    void AddSet<TWidth>(int here, ulong* set, T* factors, T* vectors, T* matrix) where TWidth : struct, IWidth
    {
        for (var r = 0; r < here; r++, set += words, factors += slots, vectors += stride)
        {
            Vector512<T> v0 = Vector512.Load(vectors), v1 = TWidth.IsTwo ? Vector512.Load(vectors + Lanes) : default;
            for (var left = *set; left != 0; left &= left - 1)
            {
                var i = BitOperations.TrailingZeroCount(left);
                var f = Vector512.Create(factors[i]);
                var row = matrix + i * stride;
                Fma(f, v0, Vector512.Load(row)).Store(row);
                if (TWidth.IsTwo) Fma(f, v1, Vector512.Load(row + Lanes)).Store(row + Lanes);
            }
        }
    }

    // Two features at a time stay in registers over the group's rows; the one beyond an odd n has factors of 0.
    void AddAll<TWidth>(int here, int word, T* factors, T* vectors, T* matrix) where TWidth : struct, IWidth
    {
        var features = Math.Min(Tile, n - word * Tile);
        for (var i = 0; i < features; i += 2, factors += 2, matrix += 2 * stride)
        {
            Vector512<T> a0 = Vector512.Load(matrix), b0 = Vector512.Load(matrix + stride), a1 = default, b1 = default;
            if (TWidth.IsTwo) (a1, b1) = (Vector512.Load(matrix + Lanes), Vector512.Load(matrix + stride + Lanes));
            T* factor = factors, vector = vectors;
            for (var r = 0; r < here; r++, factor += slots, vector += stride)
            {
                Vector512<T> v0 = Vector512.Load(vector), v1 = TWidth.IsTwo ? Vector512.Load(vector + Lanes) : default;
                Vector512<T> first = Vector512.Create(factor[0]), second = Vector512.Create(factor[1]);
                a0 = Fma(first, v0, a0);
                b0 = Fma(second, v0, b0);
                if (TWidth.IsTwo) (a1, b1) = (Fma(first, v1, a1), Fma(second, v1, b1));
            }
            a0.Store(matrix);
            b0.Store(matrix + stride);
            if (!TWidth.IsTwo) continue;
            a1.Store(matrix + Lanes);
            b1.Store(matrix + stride + Lanes);
        }
    }

    protected override void Updated()
    {
        for (var i = 0; i < n; i++)
            for (var c = 0; c < d; c++) columns[c * slots + i] = u[i * stride + c];
    }

    protected override void Free()
    {
        draws.Dispose();
        bits.Dispose();
        memory.Dispose();
        transposed.Dispose();
    }
}

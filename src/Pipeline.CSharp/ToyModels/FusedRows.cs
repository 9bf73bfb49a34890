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

    readonly int words, hiddenVectors;
    readonly Aligned<float> draws;
    readonly Aligned<ulong> bits;
    readonly Aligned<T> memory, transposed;
    readonly T* x, delta, h, gradientOfH;   // [Group, slots] and [Group, stride]
    readonly T* columns;                    // [d, slots] Uᵀ
    readonly ulong* active, open;           // [Group, words] a bit a feature

    public FusedRows(ToyModel initial, double[] importance, ToyModelOptions options) : base(
        initial, importance, options, stride: RoundUp(initial.Dimensions, Lanes), slots: RoundUp(initial.Features, Tile))
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
                if (tied) AddTied(here, word);
                else
                {
                    AddProducts(here, word, open, delta, h, gradientOfU);
                    AddProducts(here, word, active, x, gradientOfH, gradientOfW);
                }
        }
        return loss;
    }

    /// <summary>How many vectors of hidden units a loop holds in registers.</summary>
    interface IWidth
    {
        static abstract bool IsTwo { get; }
    }

    readonly struct One : IWidth
    {
        public static bool IsTwo => false;
    }

    readonly struct Two : IWidth
    {
        public static bool IsTwo => true;
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
            var gradient = Vector512.Load(gradientOfH + at)
                + Vector512.ConditionalSelect(Vector512.GreaterThan(hidden, Vector512<T>.Zero), push, Vector512<T>.Zero)
                - Vector512.ConditionalSelect(Vector512.LessThan(hidden, Vector512<T>.Zero), push, Vector512<T>.Zero);
            Vector512.ConditionalSelect(Vector512.GreaterThan(hidden, floor), gradient, Vector512<T>.Zero).Store(gradientOfH + at);
        }
    }

    // To each row's sum: Σ_i f_i M_i over the tile's features whose bit is set.
    void Combine(int here, int word, ulong* set, T* factors, T* matrix, T* sums)
    {
        var c = 0;
        for (; c + 2 <= hiddenVectors; c += 2) Combine<Two>(here, word, c * Lanes, set, factors, matrix, sums);
        if (c < hiddenVectors) Combine<One>(here, word, c * Lanes, set, factors, matrix, sums);
    }

    // Features of even and odd rank have a sum each, so that more chains are under way.
    void Combine<TWidth>(int here, int word, int at, ulong* set, T* factors, T* matrix, T* sums) where TWidth : struct, IWidth
    {
        matrix += word * Tile * stride + at;
        factors += word * Tile;
        sums += at;
        for (var r = 0; r < here; r++, factors += slots, sums += stride)
        {
            Vector512<T> even0 = Vector512.Load(sums), odd0 = default;
            Vector512<T> even1 = TWidth.IsTwo ? Vector512.Load(sums + Lanes) : default, odd1 = default;
            for (var left = set[r * words + word]; left != 0; left &= left - 1)
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

    // The tile's loss, δ and which outputs are open. Two vectors of features by four rows are eight chains.
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
        var isClosed = Vector512.LessThanOrEqual(pre, floor);
        var error = Vector512.ConditionalSelect(isClosed, floor, pre) - (Vector512.Load(x + r * slots + at) & targetMask);
        var weighted = error * Vector512.Load(importance + at);
        loss = Fma(error, weighted, loss);
        var gradient = Vector512.ConditionalSelect(isClosed, Vector512<T>.Zero, weighted * (scale + scale));
        gradient.Store(delta + r * slots + at);
        sum += gradient;
        open[r * words + (at >> 6)] |= (Vector512.ExtractMostSignificantBits(isClosed) ^ ((1UL << Lanes) - 1)) << at;   // by at mod 64
    }

    // ∂L/∂W_i = δ_i h + x_i ∂L/∂(Wᵀx), read and written once where one matrix does both.
    void AddTied(int here, int word)
    {
        var c = 0;
        for (; c + 2 <= hiddenVectors; c += 2) AddTied<Two>(here, word, c * Lanes);
        if (c < hiddenVectors) AddTied<One>(here, word, c * Lanes);
    }

    void AddTied<TWidth>(int here, int word, int at) where TWidth : struct, IWidth
    {
        T* hidden = h + at, back = gradientOfH + at;
        T* target = gradientOfW + word * Tile * stride + at, features = x + word * Tile, errors = delta + word * Tile;
        for (var r = 0; r < here; r++, hidden += stride, back += stride, features += slots, errors += slots)
        {
            Vector512<T> h0 = Vector512.Load(hidden), g0 = Vector512.Load(back);
            Vector512<T> h1 = TWidth.IsTwo ? Vector512.Load(hidden + Lanes) : default, g1 = TWidth.IsTwo ? Vector512.Load(back + Lanes) : default;
            for (var left = active[r * words + word] | open[r * words + word]; left != 0; left &= left - 1)
            {
                var i = BitOperations.TrailingZeroCount(left);
                Vector512<T> xi = Vector512.Create(features[i]), di = Vector512.Create(errors[i]);
                var row = target + i * stride;
                Fma(xi, g0, Fma(di, h0, Vector512.Load(row))).Store(row);
                if (TWidth.IsTwo) Fma(xi, g1, Fma(di, h1, Vector512.Load(row + Lanes))).Store(row + Lanes);
            }
        }
    }

    // Adds f_i v to row i of a matrix, for each row's vector v and the tile's features whose bit is set.
    void AddProducts(int here, int word, ulong* set, T* factors, T* vectors, T* matrix)
    {
        var c = 0;
        for (; c + 2 <= hiddenVectors; c += 2) AddProducts<Two>(here, word, c * Lanes, set, factors, vectors, matrix);
        if (c < hiddenVectors) AddProducts<One>(here, word, c * Lanes, set, factors, vectors, matrix);
    }

    void AddProducts<TWidth>(int here, int word, int at, ulong* set, T* factors, T* vectors, T* matrix) where TWidth : struct, IWidth
    {
        matrix += word * Tile * stride + at;
        factors += word * Tile;
        vectors += at;
        for (var r = 0; r < here; r++, factors += slots, vectors += stride)
        {
            var v0 = Vector512.Load(vectors);
            var v1 = TWidth.IsTwo ? Vector512.Load(vectors + Lanes) : default;
            for (var left = set[r * words + word]; left != 0; left &= left - 1)
            {
                var i = BitOperations.TrailingZeroCount(left);
                var f = Vector512.Create(factors[i]);
                var row = matrix + i * stride;
                Fma(f, v0, Vector512.Load(row)).Store(row);
                if (TWidth.IsTwo) Fma(f, v1, Vector512.Load(row + Lanes)).Store(row + Lanes);
            }
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

using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Superposition.DataViews;
using Superposition.Features;
using static Superposition.ToyModels.VectorArithmetic;

namespace Superposition.ToyModels;

/// <summary>
/// Features and hidden units in lanes, for larger models: only active features enter Wᵀx, and only open outputs, those with a
/// positive pre-activation, have a gradient. A group of rows visits 64 features at a time, so that their weights and gradients are
/// read from the first-level cache, and four rows share each vector of U that the outputs read.
/// </summary>
internal sealed unsafe class FusedRows<T> : FusedModel<T> where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    const int Group = 16, Tile = TileProducts<T>.Tile;

    readonly int words;
    readonly TileProducts<T> products;
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
        words = slots / Tile;
        products = new(n, stride, slots);
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
            for (var word = 0; word < words; word++) products.Combine(here, word, active, x, w, h);
            CloseUnits(here);
            for (var word = 0; word < words; word++)
            {
                loss += Decode(here, word, scale);
                products.Combine(here, word, open, delta, u, gradientOfH);
            }
            PassUnits(here, scale);
            for (var word = 0; word < words; word++)
            {
                products.Add(here, word, open, delta, h, gradientOfU);
                products.Add(here, word, active, x, gradientOfH, gradientOfW);
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

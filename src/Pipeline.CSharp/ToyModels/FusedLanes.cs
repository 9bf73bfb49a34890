using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Superposition.DataViews;
using Superposition.Features;
using static Superposition.ToyModels.VectorArithmetic;

namespace Superposition.ToyModels;

/// <summary>
/// Rows in lanes, for small models: four vectors of rows go through the model at once, so that four chains of multiply-adds are
/// under way, and two units or features at a time, so that what both need is read once. Everything a block needs stays in the
/// first-level cache.
/// </summary>
internal sealed unsafe class FusedLanes<T> : FusedModel<T> where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    const int Vectors = 4;

    readonly Aligned<float> draws;
    readonly Aligned<T> memory, live;
    readonly T* x, delta, h, gradientOfH;   // [n, Block] and [d, Block]
    readonly T* sumsOfW, sumsOfU, sumsOfB;  // a vector each, summed up at the end of the batch
    bool isWhole;                           // whether every row of the block is the batch's

    public FusedLanes(ToyModel initial, double[] importance, ToyModelOptions options)
        : base(initial, importance, options, rows: initial.Features, stride: initial.Dimensions, slots: RoundUp(initial.Features, Lanes))
    {
        draws = new(n * Block);
        live = new(Block);
        memory = new(2 * (n + d) * Block + (2 * n * d + n) * Lanes);
        x = memory.Pointer;
        delta = x + n * Block;
        h = delta + n * Block;
        gradientOfH = h + d * Block;
        sumsOfW = gradientOfH + d * Block;
        sumsOfU = tied ? sumsOfW : sumsOfW + n * d * Lanes;
        sumsOfB = sumsOfW + 2 * n * d * Lanes;
    }

    static int Block => Vectors * Lanes;   // rows at once

    protected override void Begin() => new Span<T>(sumsOfW, (2 * n * d + n) * Lanes).Clear();

    protected override double Rows(RowStream rows, long firstRow, int count, T scale)
    {
        Vector512<T> loss = default;
        isWhole = true;
        for (var done = 0; done < count; done += Block)
        {
            if (count - done < Block) Trim(count - done);
            if (typeof(T) == typeof(float)) rows.DrawLanes(firstRow + done, Block / RowStream.Lanes, (float*)x);
            else
            {
                rows.DrawLanes(firstRow + done, Block / RowStream.Lanes, draws.Pointer);
                Widen(draws.Pointer, x, n * Block);
            }
            Combine(w, x, h);
            CloseUnits();
            var i = 0;
            for (; i + 1 < n; i += 2) loss = Decode<Two>(i, scale, loss);
            if (i < n) loss = Decode<One>(i, scale, loss);
            Combine(u, delta, gradientOfH);
            PassUnits(scale);
            if (tied)
            {
                for (i = 0; i + 1 < n; i += 2) AddTied<Two>(i);
                if (i < n) AddTied<One>(i);
            }
            else
            {
                AddProducts(x, gradientOfH, sumsOfW);
                AddProducts(delta, h, sumsOfU);
            }
        }
        return double.CreateChecked(Sum(loss)) / double.CreateChecked(scale + scale);
    }

    // The last block draws rows that are nobody's: they are not live.
    void Trim(int rows)
    {
        isWhole = false;
        live.Span.Fill(T.One);
        live.Span[rows..].Clear();
    }

    // Σ_i M_i f_i of every unit.
    void Combine(T* matrix, T* features, T* units)
    {
        var c = 0;
        for (; c + 1 < d; c += 2) Combine<Two>(matrix + c, features, units + c * Block);
        if (c < d) Combine<One>(matrix + c, features, units + c * Block);
    }

    void Combine<TWidth>(T* column, T* features, T* units) where TWidth : struct, IWidth
    {
        Vector512<T> a0 = default, a1 = default, a2 = default, a3 = default, b0 = default, b1 = default, b2 = default, b3 = default;
        for (var i = 0; i < n; i++, column += d, features += Block)
        {
            Vector512<T> f0 = Vector512.Load(features), f1 = Vector512.Load(features + Lanes);
            Vector512<T> f2 = Vector512.Load(features + 2 * Lanes), f3 = Vector512.Load(features + 3 * Lanes);
            var a = Vector512.Create(column[0]);
            a0 = Fma(a, f0, a0);
            a1 = Fma(a, f1, a1);
            a2 = Fma(a, f2, a2);
            a3 = Fma(a, f3, a3);
            if (TWidth.Count < 2) continue;
            var b = Vector512.Create(column[1]);
            b0 = Fma(b, f0, b0);
            b1 = Fma(b, f1, b1);
            b2 = Fma(b, f2, b2);
            b3 = Fma(b, f3, b3);
        }
        Store(units, a0, a1, a2, a3);
        if (TWidth.Count > 1) Store(units + Block, b0, b1, b2, b3);
    }

    // h = σ(Wᵀx), once the sums are there.
    void CloseUnits()
    {
        if (hiddenFloor != T.Zero) return;
        var floor = Vector512.Create(hiddenFloor);
        for (var unit = h; unit < h + d * Block; unit += Lanes) Max(Vector512.Load(unit), floor).Store(unit);
    }

    // Of one or two outputs: the loss times 2/B is added to, and δ = ∂L/∂(pre-activation) = 2 I (y − t)/B where they are open is left.
    Vector512<T> Decode<TWidth>(int i, T scale, Vector512<T> loss) where TWidth : struct, IWidth
    {
        Vector512<T> p0 = Vector512.Create(b[i]), p1 = p0, p2 = p0, p3 = p0;
        Vector512<T> q0 = TWidth.Count > 1 ? Vector512.Create(b[i + 1]) : default, q1 = q0, q2 = q0, q3 = q0;
        T* row = u + i * d, units = h;
        for (var c = 0; c < d; c++, row++, units += Block)
        {
            Vector512<T> h0 = Vector512.Load(units), h1 = Vector512.Load(units + Lanes);
            Vector512<T> h2 = Vector512.Load(units + 2 * Lanes), h3 = Vector512.Load(units + 3 * Lanes);
            var first = Vector512.Create(row[0]);
            p0 = Fma(first, h0, p0);
            p1 = Fma(first, h1, p1);
            p2 = Fma(first, h2, p2);
            p3 = Fma(first, h3, p3);
            if (TWidth.Count < 2) continue;
            var second = Vector512.Create(row[d]);
            q0 = Fma(second, h0, q0);
            q1 = Fma(second, h1, q1);
            q2 = Fma(second, h2, q2);
            q3 = Fma(second, h3, q3);
        }
        loss = Output(i, scale, p0, p1, p2, p3, loss);
        return TWidth.Count > 1 ? Output(i + 1, scale, q0, q1, q2, q3, loss) : loss;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    Vector512<T> Output(int i, T scale, Vector512<T> p0, Vector512<T> p1, Vector512<T> p2, Vector512<T> p3, Vector512<T> loss)
    {
        var (floor, mask, slope) = (Vector512.Create(outputFloor), targetMask, Vector512.Create((scale + scale) * importance[i]));
        var target = x + i * Block;
        var e0 = Max(p0, floor) - (Vector512.Load(target) & mask);
        var e1 = Max(p1, floor) - (Vector512.Load(target + Lanes) & mask);
        var e2 = Max(p2, floor) - (Vector512.Load(target + 2 * Lanes) & mask);
        var e3 = Max(p3, floor) - (Vector512.Load(target + 3 * Lanes) & mask);
        if (!isWhole)
        {
            e0 *= Vector512.Load(live.Pointer);
            e1 *= Vector512.Load(live.Pointer + Lanes);
            e2 *= Vector512.Load(live.Pointer + 2 * Lanes);
            e3 *= Vector512.Load(live.Pointer + 3 * Lanes);
        }
        Vector512<T> g0 = e0 * slope, g1 = e1 * slope, g2 = e2 * slope, g3 = e3 * slope;
        loss += Fma(e0, g0, e1 * g1) + Fma(e2, g2, e3 * g3);
        g0 = Vector512.ConditionalSelect(Vector512.GreaterThan(p0, floor), g0, Vector512<T>.Zero);
        g1 = Vector512.ConditionalSelect(Vector512.GreaterThan(p1, floor), g1, Vector512<T>.Zero);
        g2 = Vector512.ConditionalSelect(Vector512.GreaterThan(p2, floor), g2, Vector512<T>.Zero);
        g3 = Vector512.ConditionalSelect(Vector512.GreaterThan(p3, floor), g3, Vector512<T>.Zero);
        Store(delta + i * Block, g0, g1, g2, g3);
        (Vector512.Load(sumsOfB + i * Lanes) + ((g0 + g1) + (g2 + g3))).Store(sumsOfB + i * Lanes);
        return loss;
    }

    // ∂L/∂(Wᵀx) = Uᵀδ + λ sign(h)/B, where the unit is open.
    void PassUnits(T scale)
    {
        if (!hasPenalty && hiddenFloor != T.Zero) return;
        var floor = Vector512.Create(hiddenFloor);
        for (var at = 0; at < d * Block; at += Lanes)
        {
            var hidden = Vector512.Load(h + at);
            var gradient = Vector512.Load(gradientOfH + at);
            if (hasPenalty)
            {
                var push = Vector512.Create(penalty * scale);
                if (!isWhole) push *= Vector512.Load(live.Pointer + at % Block);
                gradient += Push(hidden, push);
            }
            Vector512.ConditionalSelect(Vector512.GreaterThan(hidden, floor), gradient, Vector512<T>.Zero).Store(gradientOfH + at);
        }
    }

    // ∂L/∂W_i = Σ δ_i h + x_i ∂L/∂(Wᵀx) of one or two features
    void AddTied<TWidth>(int i) where TWidth : struct, IWidth
    {
        T* xi = x + i * Block, di = delta + i * Block;
        Vector512<T> x0 = Vector512.Load(xi), x1 = Vector512.Load(xi + Lanes);
        Vector512<T> x2 = Vector512.Load(xi + 2 * Lanes), x3 = Vector512.Load(xi + 3 * Lanes);
        Vector512<T> d0 = Vector512.Load(di), d1 = Vector512.Load(di + Lanes);
        Vector512<T> d2 = Vector512.Load(di + 2 * Lanes), d3 = Vector512.Load(di + 3 * Lanes);
        Vector512<T> y0 = default, y1 = default, y2 = default, y3 = default, e0 = default, e1 = default, e2 = default, e3 = default;
        if (TWidth.Count > 1)
        {
            xi += Block;
            di += Block;
            y0 = Vector512.Load(xi);
            y1 = Vector512.Load(xi + Lanes);
            y2 = Vector512.Load(xi + 2 * Lanes);
            y3 = Vector512.Load(xi + 3 * Lanes);
            e0 = Vector512.Load(di);
            e1 = Vector512.Load(di + Lanes);
            e2 = Vector512.Load(di + 2 * Lanes);
            e3 = Vector512.Load(di + 3 * Lanes);
        }
        T* hidden = h, back = gradientOfH, sums = sumsOfW + i * d * Lanes;
        for (var c = 0; c < d; c++, hidden += Block, back += Block, sums += Lanes)
        {
            Vector512<T> g = Vector512.Load(back), v = Vector512.Load(hidden);
            Vector512<T> read = Fma(x0, g, Vector512.Load(sums)), written = d0 * v;
            Vector512<T> read2 = default, written2 = default;
            if (TWidth.Count > 1) (read2, written2) = (Fma(y0, g, Vector512.Load(sums + d * Lanes)), e0 * v);
            (g, v) = (Vector512.Load(back + Lanes), Vector512.Load(hidden + Lanes));
            (read, written) = (Fma(x1, g, read), Fma(d1, v, written));
            if (TWidth.Count > 1) (read2, written2) = (Fma(y1, g, read2), Fma(e1, v, written2));
            (g, v) = (Vector512.Load(back + 2 * Lanes), Vector512.Load(hidden + 2 * Lanes));
            (read, written) = (Fma(x2, g, read), Fma(d2, v, written));
            if (TWidth.Count > 1) (read2, written2) = (Fma(y2, g, read2), Fma(e2, v, written2));
            (g, v) = (Vector512.Load(back + 3 * Lanes), Vector512.Load(hidden + 3 * Lanes));
            (Fma(x3, g, read) + Fma(d3, v, written)).Store(sums);
            if (TWidth.Count > 1) (Fma(y3, g, read2) + Fma(e3, v, written2)).Store(sums + d * Lanes);
        }
    }

    // Adds Σ f_i unit_c of the block's rows to sum (i, c).
    void AddProducts(T* features, T* units, T* sums)
    {
        for (var i = 0; i < n; i++, features += Block)
        {
            Vector512<T> f0 = Vector512.Load(features), f1 = Vector512.Load(features + Lanes);
            Vector512<T> f2 = Vector512.Load(features + 2 * Lanes), f3 = Vector512.Load(features + 3 * Lanes);
            var unit = units;
            for (var c = 0; c < d; c++, unit += Block, sums += Lanes)
            {
                var even = Fma(f0, Vector512.Load(unit), Vector512.Load(sums));
                var odd = f1 * Vector512.Load(unit + Lanes);
                even = Fma(f2, Vector512.Load(unit + 2 * Lanes), even);
                odd = Fma(f3, Vector512.Load(unit + 3 * Lanes), odd);
                (even + odd).Store(sums);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Store(T* target, Vector512<T> v0, Vector512<T> v1, Vector512<T> v2, Vector512<T> v3)
    {
        v0.Store(target);
        v1.Store(target + Lanes);
        v2.Store(target + 2 * Lanes);
        v3.Store(target + 3 * Lanes);
    }

    protected override void End()
    {
        for (var k = 0; k < n * d; k++)
        {
            gradientOfW[k] = Sum(Vector512.Load(sumsOfW + k * Lanes));
            if (!tied) gradientOfU[k] = Sum(Vector512.Load(sumsOfU + k * Lanes));
        }
        for (var i = 0; i < n; i++) gradientOfB[i] = Sum(Vector512.Load(sumsOfB + i * Lanes));
    }

    protected override void Updated() { }

    protected override void Free()
    {
        draws.Dispose();
        live.Dispose();
        memory.Dispose();
    }
}

using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Superposition.Features;

namespace Superposition.ToyModels;

/// <summary>
/// Rows in lanes, for small models: four vectors of rows go through the model at once, so that four chains of multiply-adds are
/// under way and each weight is read once for all of them. Everything a block needs stays in the first-level cache.
/// </summary>
internal sealed unsafe class FusedLanes<T> : FusedModel<T> where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    const int Vectors = 4;
    static int Block => Vectors * Lanes;   // rows at once

    readonly Aligned<float> draws;
    readonly Aligned<T> memory, live;
    readonly T* x, delta, h, gradientOfH;   // [n, Block] and [d, Block]
    readonly T* sumsOfW, sumsOfU, sumsOfB;  // a vector each, summed up at the end of the batch

    public FusedLanes(ToyModel initial, double[] importance, ToyModelOptions options)
        : base(initial, importance, options, stride: initial.Dimensions, slots: RoundUp(initial.Features, Lanes))
    {
        draws = new(n * Block);
        live = new(Block);
        memory = new(2 * (n + d) * Block + (2 * n * d + n) * Lanes);
        x = memory.Pointer;
        delta = memory.Pointer + n * Block;
        h = delta + n * Block;
        gradientOfH = delta + (n + d) * Block;
        sumsOfW = gradientOfH + d * Block;
        sumsOfU = tied ? sumsOfW : sumsOfW + n * d * Lanes;
        sumsOfB = sumsOfW + 2 * n * d * Lanes;
    }

    protected override void Begin() => new Span<T>(sumsOfW, (2 * n * d + n) * Lanes).Clear();

    protected override double Rows(RowStream rows, long firstRow, int count, T scale)
    {
        var loss = T.Zero;
        live.Span.Fill(T.One);
        for (var done = 0; done < count; done += Block)
        {
            // The last block draws rows that are nobody's: they are not live.
            if (count - done < Block) live.Span[(count - done)..].Clear();
            if (typeof(T) == typeof(float)) rows.DrawLanes(firstRow + done, Block / RowStream.Lanes, (float*)x);
            else
            {
                rows.DrawLanes(firstRow + done, Block / RowStream.Lanes, draws.Pointer);
                Widen(draws.Pointer, x, n * Block);
            }
            Encode();
            loss += Decode(scale);
            Backpropagate(scale);
            if (tied) AddTied();
            else AddUntied();
        }
        return double.CreateChecked(loss);
    }

    // h = σ(Wᵀx)
    void Encode()
    {
        var floor = Vector512.Create(hiddenFloor);
        for (var c = 0; c < d; c++)
        {
            Vector512<T> h0 = default, h1 = default, h2 = default, h3 = default;
            T* weight = w + c, source = x;
            for (var i = 0; i < n; i++, weight += d, source += Block)
            {
                var wi = Vector512.Create(*weight);
                h0 = Fma(wi, Vector512.Load(source), h0);
                h1 = Fma(wi, Vector512.Load(source + Lanes), h1);
                h2 = Fma(wi, Vector512.Load(source + 2 * Lanes), h2);
                h3 = Fma(wi, Vector512.Load(source + 3 * Lanes), h3);
            }
            var target = h + c * Block;
            Max(h0, floor).Store(target);
            Max(h1, floor).Store(target + Lanes);
            Max(h2, floor).Store(target + 2 * Lanes);
            Max(h3, floor).Store(target + 3 * Lanes);
        }
    }

    // Loss, and δ = ∂L/∂(pre-activation) = 2 I (y − t)/B where the output is open.
    T Decode(T scale)
    {
        Vector512<T> loss0 = default, loss1 = default, loss2 = default, loss3 = default;
        Vector512<T> live0 = Vector512.Load(live.Pointer), live1 = Vector512.Load(live.Pointer + Lanes);
        Vector512<T> live2 = Vector512.Load(live.Pointer + 2 * Lanes), live3 = Vector512.Load(live.Pointer + 3 * Lanes);
        var floor = Vector512.Create(outputFloor);
        var mask = targetMask;
        for (var i = 0; i < n; i++)
        {
            var p0 = Vector512.Create(b[i]);
            Vector512<T> p1 = p0, p2 = p0, p3 = p0;
            T* weight = u + i * d, source = h;
            for (var c = 0; c < d; c++, source += Block)
            {
                var uc = Vector512.Create(weight[c]);
                p0 = Fma(uc, Vector512.Load(source), p0);
                p1 = Fma(uc, Vector512.Load(source + Lanes), p1);
                p2 = Fma(uc, Vector512.Load(source + 2 * Lanes), p2);
                p3 = Fma(uc, Vector512.Load(source + 3 * Lanes), p3);
            }
            var importanceOfI = Vector512.Create(importance[i]);
            var slope = Vector512.Create((scale + scale) * importance[i]);
            T* xi = x + i * Block, deltaOfI = delta + i * Block;
            var d0 = Output(p0, Vector512.Load(xi) & mask, floor, importanceOfI, slope, live0, ref loss0);
            var d1 = Output(p1, Vector512.Load(xi + Lanes) & mask, floor, importanceOfI, slope, live1, ref loss1);
            var d2 = Output(p2, Vector512.Load(xi + 2 * Lanes) & mask, floor, importanceOfI, slope, live2, ref loss2);
            var d3 = Output(p3, Vector512.Load(xi + 3 * Lanes) & mask, floor, importanceOfI, slope, live3, ref loss3);
            d0.Store(deltaOfI);
            d1.Store(deltaOfI + Lanes);
            d2.Store(deltaOfI + 2 * Lanes);
            d3.Store(deltaOfI + 3 * Lanes);
            (Vector512.Load(sumsOfB + i * Lanes) + ((d0 + d1) + (d2 + d3))).Store(sumsOfB + i * Lanes);
        }
        return Sum((loss0 + loss1) + (loss2 + loss3));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector512<T> Output(
        Vector512<T> pre, Vector512<T> target, Vector512<T> floor, Vector512<T> importance, Vector512<T> slope, Vector512<T> live,
        ref Vector512<T> loss)
    {
        var isClosed = Vector512.LessThanOrEqual(pre, floor);
        var error = (Vector512.ConditionalSelect(isClosed, floor, pre) - target) * live;
        loss = Fma(error * importance, error, loss);
        return Vector512.ConditionalSelect(isClosed, Vector512<T>.Zero, error * slope);
    }

    // ∂L/∂(Wᵀx) = Uᵀδ + λ sign(h)/B, where the unit is open.
    void Backpropagate(T scale)
    {
        var floor = Vector512.Create(hiddenFloor);
        var push = Vector512.Create(penalty * scale);
        for (var c = 0; c < d; c++)
        {
            Vector512<T> g0 = default, g1 = default, g2 = default, g3 = default;
            T* weight = u + c, source = delta;
            for (var i = 0; i < n; i++, weight += d, source += Block)
            {
                var ui = Vector512.Create(*weight);
                g0 = Fma(ui, Vector512.Load(source), g0);
                g1 = Fma(ui, Vector512.Load(source + Lanes), g1);
                g2 = Fma(ui, Vector512.Load(source + 2 * Lanes), g2);
                g3 = Fma(ui, Vector512.Load(source + 3 * Lanes), g3);
            }
            T* unit = h + c * Block, target = gradientOfH + c * Block;
            Through(g0, unit, 0, floor, push).Store(target);
            Through(g1, unit, Lanes, floor, push).Store(target + Lanes);
            Through(g2, unit, 2 * Lanes, floor, push).Store(target + 2 * Lanes);
            Through(g3, unit, 3 * Lanes, floor, push).Store(target + 3 * Lanes);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    Vector512<T> Through(Vector512<T> gradient, T* unit, int at, Vector512<T> floor, Vector512<T> push)
    {
        var hidden = Vector512.Load(unit + at);
        if (hasPenalty)
        {
            var rows = push * Vector512.Load(live.Pointer + at);
            gradient += Vector512.ConditionalSelect(Vector512.GreaterThan(hidden, Vector512<T>.Zero), rows, Vector512<T>.Zero)
                - Vector512.ConditionalSelect(Vector512.LessThan(hidden, Vector512<T>.Zero), rows, Vector512<T>.Zero);
        }
        return Vector512.ConditionalSelect(Vector512.GreaterThan(hidden, floor), gradient, Vector512<T>.Zero);
    }

    // ∂L/∂W_i = Σ δ_i h + x_i ∂L/∂(Wᵀx)
    void AddTied()
    {
        for (var i = 0; i < n; i++)
        {
            T* xi = x + i * Block, deltaOfI = delta + i * Block;
            Vector512<T> x0 = Vector512.Load(xi), x1 = Vector512.Load(xi + Lanes);
            Vector512<T> x2 = Vector512.Load(xi + 2 * Lanes), x3 = Vector512.Load(xi + 3 * Lanes);
            Vector512<T> d0 = Vector512.Load(deltaOfI), d1 = Vector512.Load(deltaOfI + Lanes);
            Vector512<T> d2 = Vector512.Load(deltaOfI + 2 * Lanes), d3 = Vector512.Load(deltaOfI + 3 * Lanes);
            T* hidden = h, back = gradientOfH, sums = sumsOfW + i * d * Lanes;
            for (var c = 0; c < d; c++, hidden += Block, back += Block, sums += Lanes)
            {
                var read = Fma(x0, Vector512.Load(back), Vector512.Load(sums));
                var written = d0 * Vector512.Load(hidden);
                read = Fma(x1, Vector512.Load(back + Lanes), read);
                written = Fma(d1, Vector512.Load(hidden + Lanes), written);
                read = Fma(x2, Vector512.Load(back + 2 * Lanes), read);
                written = Fma(d2, Vector512.Load(hidden + 2 * Lanes), written);
                read = Fma(x3, Vector512.Load(back + 3 * Lanes), read);
                written = Fma(d3, Vector512.Load(hidden + 3 * Lanes), written);
                (read + written).Store(sums);
            }
        }
    }

    void AddUntied()
    {
        AddProducts(x, gradientOfH, sumsOfW);
        AddProducts(delta, h, sumsOfU);
    }

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

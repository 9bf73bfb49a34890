using System.Numerics;
using System.Runtime.Intrinsics;
using Superposition.DataViews;
using Superposition.Randomness;

namespace Superposition.Features;

/// <summary>
/// Draws the children of a level's active features, four at a time, before any is looked at: no branch waits for a score. Of a child's
/// draw the lower half is u, and it fires when u is below Φ(y). The parabola of <see cref="FiringFilter"/> bounds Φ from both sides
/// within 17 %, by Φ(y) = 1 − Φ(−y) for y above 0 too, and only between the bounds the quantile must say.
/// </summary>
internal sealed unsafe class FamilyDraws
{
    const int Quad = HierarchicalFeatures.Quad;
    const float Within = 0.854f;     // 2^−0.14 / 1.062, the chord's share, and a thousandth
    const float Rounding = 2e-9f;    // of u to 31 bits

    readonly HierarchicalFeatures features;
    readonly int featureDraws;
    readonly Aligned<float> scores;      // [families, quads, 4] of the level drawn last
    readonly Aligned<ulong> draws;
    readonly Aligned<byte> fire, open;   // [families, quads] a bit a child: those that do, and those for the quantile

    /// <param name="features">The world.</param>
    /// <param name="featureDraws">Which draw of a row's key is that of feature 0.</param>
    public FamilyDraws(HierarchicalFeatures features, int featureDraws)
    {
        (this.features, this.featureDraws) = (features, featureDraws);
        var starts = features.LevelStarts;
        var most = starts.Length < 3 ? 0 : (starts[^2] - starts[^3]) * features.Quads;   // of the last parents there are most
        (scores, draws, fire, open) = (new(most * Quad), new(most * Quad), new(most), new(most));
    }

    /// <summary>Draws for the families of some features of one level.</summary>
    public void Draw(ulong rowKey, int level, ReadOnlySpan<int> parents, float* factors)
    {
        var (rank, quads, length, branching) = (features.Rank, features.Quads, features.QuadLength, features.Hierarchy!.Branching);
        var (firstParent, firstChild) = (features.LevelStarts[level], features.LevelStarts[level + 1] + featureDraws);
        float* y = scores.Pointer;
        ulong* bits = draws.Pointer;
        byte* fires = fire.Pointer, opens = open.Pointer;
        foreach (var parent in parents)
        {
            var table = features.BelowParents.Pointer + (nint)parent * quads * length;
            var first = firstChild + (parent - firstParent) * branching;
            for (var child = 0; child < branching; child += Quad, y += Quad, bits += Quad)
            {
                // Two chains, of the even factors and the odd.
                var (even, odd) = (Vector128.Load(table), Vector128<float>.Zero);
                table += Quad;
                var k = 0;
                for (; k + 1 < rank; k += 2, table += 2 * Quad)
                {
                    even = Vector128.FusedMultiplyAdd(Vector128.Create(factors[k]), Vector128.Load(table), even);
                    odd = Vector128.FusedMultiplyAdd(Vector128.Create(factors[k + 1]), Vector128.Load(table + Quad), odd);
                }
                if (k < rank)
                {
                    even = Vector128.FusedMultiplyAdd(Vector128.Create(factors[k]), Vector128.Load(table), even);
                    table += Quad;
                }
                var score = even + odd;
                score.Store(y);
                var drawn = CounterRandom.Mix(CounterRandom.Counters(rowKey, first + child)).GetLower();
                drawn.Store(bits);
                var u = Vector256.Narrow(drawn, drawn).GetLower() >>> 1;
                var isAbove = Vector128.GreaterThan(score, Vector128<float>.Zero);
                u = Vector128.ConditionalSelect(isAbove.AsUInt32(), Vector128.Create(int.MaxValue).AsUInt32() - u, u);
                var lower = Vector128.ConvertToSingle(u.AsInt32()) * Vector128.Create(1f / (1u << 31));
                var bound = FiringFilter.Bound(Vector128.Min(score, -score));
                var isBelow = Vector128.LessThan(lower, Vector128.FusedMultiplyAdd(bound, Vector128.Create(Within), Vector128.Create(-Rounding)));
                var isOver = Vector128.GreaterThan(lower, bound + Vector128.Create(Rounding));
                var real = branching - child < Quad ? (1u << (branching - child)) - 1 : (1u << Quad) - 1;
                *fires++ = (byte)(Vector128.ExtractMostSignificantBits(Vector128.ConditionalSelect(isAbove, isOver, isBelow)) & real);
                *opens++ = (byte)(~Vector128.ExtractMostSignificantBits(isBelow | isOver) & real);
            }
        }
    }

    /// <summary>The draw of a child.</summary>
    public ulong Bits(int family, int child) => draws.Pointer[family * features.Quads * Quad + child];

    /// <summary>Which of four children fire.</summary>
    public uint Firing(int family, int quad)
    {
        var at = family * features.Quads + quad;
        uint fires = fire.Pointer[at];
        for (uint left = open.Pointer[at]; left != 0; left &= left - 1)
        {
            var lane = BitOperations.TrailingZeroCount(left);
            var u = ((uint)draws.Pointer[at * Quad + lane] + 0.5) * (1.0 / (1L << 32));
            if (StandardNormal.Quantile(u) < scores.Pointer[at * Quad + lane]) fires |= 1u << lane;
        }
        return fires;
    }
}

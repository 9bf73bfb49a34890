using System.Runtime.Intrinsics;
using Superposition.DataViews;
using Superposition.Features;
using Xunit;

namespace Superposition.Tests.Features;

public sealed unsafe class FiringFilterTests
{
    [Fact]
    public void The_bound_lies_above_the_normal_distribution_by_less_than_a_fifth()
    {
        for (var y = -6f; y <= 0; y += 1f / 4096) Assert.InRange(Bound(y) / StandardNormal.Cumulative(y), 1.0001, 1.17);
        foreach (var y in new[] { -1000f, -40, -8, -6.001f }) Assert.True(Bound(y) >= StandardNormal.Cumulative(y));

        static double Bound(float y) => FiringFilter.Bound(Vector128.Create(y))[2];
    }

    [Fact]
    public void Whatever_may_fire_with_its_highest_bits_is_a_candidate_and_little_else()
    {
        const int Tiles = 5;
        using Aligned<float> scores = new(Tiles * 64);
        using Aligned<ulong> masks = new(Tiles);
        var random = new Random(3);
        var (candidates, expected) = (0.0, 0.0);
        for (var key = 0UL; key < 2000; key++)
        {
            for (var i = 0; i < scores.Length; i++) scores.Span[i] = (float)(-4 + 4.5 * random.NextDouble());
            FiringFilter.Candidates(key * 0x9E3779B97F4A7C15, scores.Pointer, Tiles, masks.Pointer);
            for (var slot = 0; slot < scores.Length; slot++)
            {
                var isCandidate = (masks.Span[slot / 64] >> (slot % 64) & 1) != 0;
                var probability = StandardNormal.Cumulative(scores.Span[slot]);
                Assert.True(isCandidate || FiringFilter.Highest(key * 0x9E3779B97F4A7C15, slot) / 65536.0 >= probability);
                (candidates, expected) = (candidates + (isCandidate ? 1 : 0), expected + probability);
            }
        }
        Assert.InRange(candidates / expected, 1, 1.6);   // the bound, and all above 0
    }
}

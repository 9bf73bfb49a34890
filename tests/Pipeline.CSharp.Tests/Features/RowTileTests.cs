using Superposition.DataViews;
using Superposition.Features;
using Xunit;

namespace Superposition.Tests.Features;

public sealed unsafe class RowTileTests
{
    const int Steps = 37, Width = 192;

    [Fact]
    public void A_tile_is_the_product_in_double_precision_and_four_rows_are_each_as_alone()
    {
        using Aligned<float> a = new(4 * Steps), b = new(Steps * Width), start = new(4 * Width), four = new(4 * Width), one = new(Width);
        var random = new Random(1);
        foreach (var span in new[] { a, b, start })
            for (var i = 0; i < span.Length; i++) span.Span[i] = (float)(random.NextDouble() - 0.5);
        RowTile.Four(a.Pointer, Steps, 1, Steps, b.Pointer + 64, Width, start.Pointer, Width, four.Pointer + 64, Width);
        for (var r = 0; r < 4; r++)
        {
            RowTile.One(a.Pointer + r * Steps, 1, Steps, b.Pointer + 64, Width, start.Pointer + r * Width, one.Pointer);
            for (var c = 0; c < 64; c++)
            {
                var sum = (double)start.Span[r * Width + c];
                for (var k = 0; k < Steps; k++) sum += a.Span[r * Steps + k] * (double)b.Span[k * Width + 64 + c];
                Assert.Equal(sum, four.Span[r * Width + 64 + c], 1e-5);
                Assert.Equal(one.Span[c], four.Span[r * Width + 64 + c]);
            }
        }
        Assert.All(Enumerable.Range(0, 4), r => Assert.True(four.Span.Slice(r * Width, 64).IndexOfAnyExcept(0f) < 0));   // nothing beside the tile
    }

    [Fact]
    public void Factors_may_lie_down_the_columns()
    {
        using Aligned<float> e = new(64 * 64), gram = new(64 * 64);
        var random = new Random(2);
        for (var i = 0; i < e.Length; i++) e.Span[i] = (float)(random.NextDouble() - 0.5);
        for (var r = 0; r < 64; r += 4) RowTile.Four(e.Pointer + r, 1, 64, 64, e.Pointer, 64, gram.Pointer + r * 64, 64, gram.Pointer + r * 64, 64);
        for (var i = 0; i < 64; i++)
            for (var j = 0; j < 64; j++)
                Assert.Equal(Enumerable.Range(0, 64).Sum(k => (double)e.Span[k * 64 + i] * e.Span[k * 64 + j]), gram.Span[i * 64 + j], 1e-5);
    }
}

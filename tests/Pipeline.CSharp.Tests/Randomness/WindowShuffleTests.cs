using CsCheck;
using Superposition.Randomness;
using Xunit;

namespace Superposition.Tests.Randomness;

public sealed class WindowShuffleTests
{
    static readonly Gen<(int Rows, int Block, int Window, ulong Key)> Any =
        Gen.Select(Gen.Int[1, 2000], Gen.Int[1, 40], Gen.Int[1, 20], Gen.ULong);

    [Fact]
    public void Every_row_comes_exactly_once() => Any.Sample((rows, block, window, key) =>
        Assert.Equal(Enumerable.Range(0, rows).Select(r => (long)r), Order(rows, block, window, key).Order()));

    [Fact]
    public void A_window_holds_whole_blocks_and_no_more_than_it_may() => Any.Sample((rows, block, window, key) =>
    {
        var shuffle = new WindowShuffle(rows, block, window, key);
        var order = Order(rows, block, window, key);
        var seen = new HashSet<long>();
        for (var start = 0; start < rows;)
        {
            var end = (int)shuffle.RunEnd(start);
            Assert.InRange(end, start + 1, rows);
            for (var p = start; p < end; p++) Assert.Equal(end, shuffle.RunEnd(p));
            var blocks = order[start..end].Select(row => row / block).ToHashSet();
            Assert.InRange(blocks.Count, 1, window);
            Assert.Equal(end - start, blocks.Sum(b => Math.Min(block, rows - b * block)));
            Assert.All(blocks, b => Assert.True(seen.Add(b)));
            start = end;
        }
    });

    [Fact]
    public void The_order_follows_from_the_key_alone_and_differs_with_it() => Gen.Select(Gen.Int[60, 500], Gen.Int[1, 5], Gen.Int[4, 9], Gen.ULong)
        .Sample((rows, block, window, key) =>
        {
            Assert.Equal(Order(rows, block, window, key), Order(rows, block, window, key));
            Assert.NotEqual(Order(rows, block, window, key), Order(rows, block, window, key + 1));
        });

    // 25 blocks of 4 rows and one of 3 in windows of 5 blocks: five windows with 5 chances of 26, and one with the chance that is left.
    [Theory]
    [InlineData(0)]
    [InlineData(57)]
    [InlineData(102)]
    public void A_block_is_equally_likely_to_come_in_any_place_the_short_one_too(int row)
    {
        const int Keys = 4000;
        var counts = new int[6];
        for (var key = 0; key < Keys; key++)
        {
            var shuffle = new WindowShuffle(103, 4, 5, CounterRandom.At(1, key));
            var (window, end) = (0, shuffle.RunEnd(0));
            for (var p = 0; shuffle.At(p) != row; p++)
                if (p + 1 == end) (window, end) = (window + 1, shuffle.RunEnd(end));
            counts[window]++;
        }
        var chiSquare = Enumerable.Range(0, 6).Sum(w =>
        {
            var expected = Keys * (w < 5 ? 5 : 1) / 26.0;
            return (counts[w] - expected) * (counts[w] - expected) / expected;
        });
        Assert.InRange(chiSquare, 0, 5 + 5 * Math.Sqrt(10));   // χ² with 5 degrees of freedom: mean 5, standard deviation √10
    }

    [Fact]
    public void Neighbours_are_apart_as_far_as_the_window_goes()
    {
        var order = Order(10_000, 10, 100, 3);
        // In a window of 1,000 rows a row's successor comes next to it once in 500; the chance of 60 among 10,000 is below 1e-10.
        Assert.InRange(order.Zip(order.Skip(1)).Count(pair => Math.Abs(pair.First - pair.Second) == 1), 0, 60);
    }

    [Fact]
    public void Positions_beyond_memory_are_as_quick_to_find()
    {
        const long Rows = 1L << 50;
        var shuffle = new WindowShuffle(Rows - 3, 1000, 64, 9);
        long[] positions = [0, 1, Rows / 3, Rows / 2, Rows - 5, Rows - 4];
        Assert.Equal(positions.Length, positions.Select(shuffle.At).Where(row => row is >= 0 and < Rows - 3).Distinct().Count());
    }

    static List<long> Order(int rows, int block, int window, ulong key)
    {
        var shuffle = new WindowShuffle(rows, block, window, key);
        return [.. Enumerable.Range(0, rows).Select(p => shuffle.At(p))];
    }
}

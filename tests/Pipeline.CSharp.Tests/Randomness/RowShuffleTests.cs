using CsCheck;
using Superposition.Randomness;
using Xunit;

namespace Superposition.Tests.Randomness;

public sealed class RowShuffleTests
{
    [Fact]
    public void Every_row_comes_exactly_once() => Gen.Select(Gen.Int[1, 3000], Gen.ULong).Sample((rows, key) =>
    {
        var shuffle = new RowShuffle(rows, key);
        var seen = new bool[rows];
        for (var position = 0; position < rows; position++)
        {
            var row = shuffle.At(position);
            Assert.InRange(row, 0, rows - 1);
            Assert.False(seen[row]);
            seen[row] = true;
        }
    });

    // The Feistel rounds work on even powers of two; just below and above one is where a walk is short and long.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(65_535)]
    [InlineData(65_536)]
    [InlineData(65_537)]
    public void Every_row_comes_exactly_once_at_the_edges_of_the_domain(int rows)
    {
        var shuffle = new RowShuffle(rows, key: 7);
        Assert.Equal(rows, Enumerable.Range(0, rows).Select(p => shuffle.At(p)).Distinct().Count(r => r >= 0 && r < rows));
    }

    [Fact]
    public void Rows_stay_in_range_and_apart_for_any_count() =>
        Gen.Select(Gen.Long[1, long.MaxValue], Gen.ULong).Sample((rows, key) =>
        {
            var shuffle = new RowShuffle(rows, key);
            long[] positions = [.. new[] { 0, 1, rows / 2, rows - 2, rows - 1 }.Where(p => p >= 0 && p < rows).Distinct()];
            var drawn = positions.Select(shuffle.At).ToArray();
            Assert.All(drawn, row => Assert.InRange(row, 0, rows - 1));
            Assert.Equal(positions.Length, drawn.Distinct().Count());
        });

    [Fact]
    public void Different_keys_give_different_orders()
    {
        var orders = Enumerable.Range(0, 20).Select(key => string.Join(',', Order(100, (ulong)key)));
        Assert.Equal(20, orders.Distinct().Count());
    }

    // A row's place is uniform: over many keys the mean of (row at position 0)/(rows − 1) is 1/2, with variance 1/12.
    [Fact]
    public void The_first_row_is_equally_likely_to_be_any()
    {
        const int Keys = 4000, Rows = 101;
        var counts = new int[Rows];
        for (var key = 0; key < Keys; key++) counts[new RowShuffle(Rows, CounterRandom.At(1, key)).At(0)]++;
        var expected = (double)Keys / Rows;
        var chiSquare = counts.Sum(c => (c - expected) * (c - expected) / expected);
        // χ² with 100 degrees of freedom: mean 100, standard deviation √200.
        Assert.InRange(chiSquare, 100 - 4 * Math.Sqrt(200), 100 + 4 * Math.Sqrt(200));
    }

    static IEnumerable<long> Order(int rows, ulong key) => Enumerable.Range(0, rows).Select(p => new RowShuffle(rows, key).At(p));
}

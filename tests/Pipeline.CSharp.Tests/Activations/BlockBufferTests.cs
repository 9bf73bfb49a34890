using CsCheck;
using Superposition.Activations;
using Superposition.DataViews;
using Superposition.Randomness;
using Xunit;

namespace Superposition.Tests.Activations;

public sealed class BlockBufferTests
{
    [Fact]
    public void In_the_order_of_windows_each_block_is_read_once_and_in_one_piece() =>
        Gen.Select(Gen.Int[1, 600], Gen.Int[1, 20], Gen.Int[1, 12], Gen.ULong).Sample((rows, block, window, key) =>
        {
            var source = new CountingRows();
            var buffer = new BlockBuffer(source, rows, block, window);
            var shuffle = new WindowShuffle(rows, block, window, key);
            for (var pass = 1; pass <= 2; pass++)
                for (var p = 0; p < rows; p++)
                {
                    var row = new float[2];
                    buffer.CopyTo(shuffle.At(p), row);
                    Assert.Equal([shuffle.At(p), -1], row);
                }
            var blocks = Enumerable.Range(0, (rows + block - 1) / block).Select(b => (b * (long)block, Math.Min(block, rows - b * block))).ToArray();
            // In a second pass those that are still held from the first need not be read again.
            Assert.Equal(blocks, source.Read.Take(blocks.Length).Order());
            Assert.InRange(source.Read.Count, blocks.Length, 2 * blocks.Length);
        });

    [Fact]
    public void In_any_order_rows_are_right_and_no_more_blocks_are_held_than_may_be() =>
        Gen.Select(Gen.Int[1, 5], Gen.Int[1, 4], Gen.Int[0, 39].Array[1, 100]).Sample((block, slots, asked) =>
        {
            var source = new CountingRows();
            var buffer = new BlockBuffer(source, 40, block, slots);
            foreach (var row in asked)
            {
                var value = new float[2];
                buffer.CopyTo(row, value);
                Assert.Equal([row, -1], value);
            }
            // A plain list of the last blocks read says which of the rows had theirs read.
            var (held, reads) = (new List<int>(), 0);
            foreach (var number in asked.Select(row => row / block).Where(number => !held.Contains(number) || held.IndexOf(number) < held.Count - slots))
            {
                held.Remove(number);
                held.Add(number);
                reads++;
            }
            Assert.Equal(reads, source.Read.Count);
        });

    sealed class CountingRows : IRowBlocks
    {
        public List<(long First, int Count)> Read { get; } = [];
        public int Width => 2;

        public void Fill(long firstRow, int rows, Span<float> destination)
        {
            Read.Add((firstRow, rows));
            for (var r = 0; r < rows; r++) (destination[2 * r], destination[2 * r + 1]) = (firstRow + r, -1);
        }
    }
}

using Microsoft.ML;
using Microsoft.ML.Data;
using Superposition.Activations;
using Superposition.Autoencoders;
using Superposition.Storage;
using Superposition.Tests.Autoencoders;
using Superposition.Tests.Storage;
using Superposition.Training;
using Xunit;

namespace Superposition.Tests.Activations;

/// <summary>Recordings larger than the buffer they are shuffled through.</summary>
public sealed class LargeRecordingTests : IDisposable
{
    const int Rows = 5000, D = 4;

    readonly MLContext ml = new(seed: 1);
    readonly TemporaryFolder folder = new();

    public LargeRecordingTests()
    {
        // Row r is r, r + 1, …; the last shard's block is short whatever the block.
        var values = Enumerable.Range(0, Rows).SelectMany(r => Enumerable.Range(r, D)).Select(v => (float)v).ToArray();
        NpyFile.Write(folder["a.npy"], values[..(1234 * D)], 1234, D);
        Safetensors.Write(folder["b.safetensors"], [new("x", StoredArray.Of(values.AsSpan(1234 * D), Rows - 1234, D))]);
    }

    public void Dispose() => folder.Dispose();

    // 1 KB: 64 rows in memory. 50 KB: 3,200, so a second window is shorter.
    public static TheoryData<long> Buffers => [1, 16, 1 << 10, 50_000];

    [Theory]
    [MemberData(nameof(Buffers))]
    public void Every_row_comes_once_in_an_order_that_follows_from_the_seed(long bytes)
    {
        using var view = Open(bytes);
        var order = Order(view.GetRowCursor(view.Schema, new Random(1)));
        Assert.Equal(Enumerable.Range(0, Rows), order.Order());
        Assert.NotEqual(Enumerable.Range(0, Rows), order);
        Assert.Equal(order, Order(view.GetRowCursor(view.Schema, new Random(1))));
        Assert.NotEqual(order, Order(view.GetRowCursor(view.Schema, new Random(2))));
    }

    [Theory]
    [MemberData(nameof(Buffers))]
    public void Parallel_cursors_share_the_rows_and_their_batches_put_them_in_order(long bytes)
    {
        using var view = Open(bytes);
        var order = Order(view.GetRowCursor(view.Schema, new Random(1)));
        var parts = view.GetRowCursorSet(view.Schema, 3, new Random(1)).Select(cursor => cursor.Vectors("Activations")).ToArray();
        Assert.All(parts, part => Assert.Equal(part.Select(row => row.Batch).Order(), part.Select(row => row.Batch)));
        Assert.Equal(order, parts.SelectMany(part => part).OrderBy(row => row.Batch).Select(row => (int)row.Id));
    }

    [Fact]
    public void A_feed_has_every_row_once_a_pass_and_a_new_order_each_time()
    {
        using var view = Open(1 << 10);
        using var feed = RowFeed.Of(view, "Activations", stream: 0, seed: 3);
        using var same = RowFeed.Of(view, "Activations", stream: 0, seed: 3);
        same.Skip(Rows);
        int[] Pass(RowFeed of)
        {
            var batch = new float[Rows * D];
            of.Next(batch);
            return [.. batch.Chunk(D).Select(row => (int)row[0])];
        }
        var (first, second) = (Pass(feed), Pass(feed));
        Assert.Equal(Enumerable.Range(0, Rows), first.Order());
        Assert.Equal(Enumerable.Range(0, Rows), second.Order());
        Assert.NotEqual(first, second);
        Assert.Equal(second, Pass(same));   // what a resumed training sees
    }

    [Fact]
    public void A_recording_that_fits_the_buffer_is_shuffled_as_one_in_memory()
    {
        var held = new float[Rows, D];
        for (var r = 0; r < Rows; r++)
            for (var c = 0; c < D; c++) held[r, c] = r + c;
        using var view = Open(Rows * D * sizeof(float));
        using var memory = ActivationView.Of(held);
        Assert.Equal(Order(memory.GetRowCursor(memory.Schema, new Random(5))), Order(view.GetRowCursor(view.Schema, new Random(5))));
        var options = new TopKOptions { Latents = 6, K = 2, Seed = 1, Samples = 2000, BatchSize = 50 };
        Assert.Equal(options.Train(memory).Autoencoder.Decoder.Cast<float>(), options.Train(view).Autoencoder.Decoder.Cast<float>());
    }

    [Fact]
    public void Training_on_one_larger_than_the_buffer_is_the_same_each_time()
    {
        using var view = Open(1 << 10);
        var options = new TopKOptions { Latents = 6, K = 2, Seed = 1, Samples = 12_000, BatchSize = 50 };
        Assert.Equal(options.Train(view).Autoencoder.Decoder.Cast<float>(), options.Train(view).Autoencoder.Decoder.Cast<float>());
    }

    [Fact]
    public void Words_stay_with_their_rows()
    {
        File.WriteAllLines(folder["words"], Enumerable.Range(0, Rows).Select(r => $"word {r}"));
        using var view = ml.Data.LoadActivations(folder[""], folder["words"], new() { BufferBytes = 1 << 10 });
        using var cursor = view.GetRowCursor(view.Schema, new Random(1));
        var (values, word) = (cursor.GetGetter<VBuffer<float>>(view.Schema["Activations"]), cursor.GetGetter<ReadOnlyMemory<char>>(view.Schema["Word"]));
        var (value, text) = (default(VBuffer<float>), default(ReadOnlyMemory<char>));
        while (cursor.MoveNext())
        {
            values(ref value);
            word(ref text);
            Assert.Equal($"word {(int)value.GetValues()[0]}", text.ToString());
        }
    }

    // 64 MB in half precision, 128 MB as numbers: read forward next to nothing is allocated, shuffled the buffer of 4 MB.
    [Fact]
    public void Memory_is_bounded_by_the_buffer_and_not_by_the_file()
    {
        const int rows = 131_072, d = 256;
        using var own = new TemporaryFolder();
        NpyFile.WriteHalf(own["x.npy"], new Half[rows * d], rows, d);
        using var view = ml.Data.LoadActivations(own["x.npy"], options: new() { BufferBytes = 4 << 20 });
        long Allocated(Random? random)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            using var feed = view.GetRowCursor(view.Schema, random);
            var (read, value, count) = (feed.GetGetter<VBuffer<float>>(view.Schema["Activations"]), default(VBuffer<float>), 0);
            for (; feed.MoveNext(); count++) read(ref value);
            Assert.Equal(rows, count);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
        Assert.InRange(Allocated(null), 0, 1 << 20);
        Assert.InRange(Allocated(new Random(1)), 3 << 20, 5 << 20);
    }

    ActivationView Open(long bytes) => ml.Data.LoadActivations(folder[""], options: new() { BufferBytes = bytes });

    static List<int> Order(DataViewRowCursor cursor)
    {
        using (cursor)
        {
            var rows = cursor.Vectors("Activations");
            Assert.All(rows, row => Assert.Equal(Enumerable.Range((int)row.Id, D).Select(v => (float)v), row.Value));
            return [.. rows.Select(row => (int)row.Id)];
        }
    }
}

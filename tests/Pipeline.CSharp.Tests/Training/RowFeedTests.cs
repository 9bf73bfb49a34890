using CsCheck;
using Microsoft.ML;
using Microsoft.ML.Data;
using Superposition.DataViews;
using Superposition.Features;
using Superposition.Training;
using Xunit;

namespace Superposition.Tests.Training;

public sealed class RowFeedTests
{
    const int Width = 3;
    static readonly MLContext Ml = new(seed: 1);
    static readonly SparseFeatureOptions World = new() { Features = Width, Density = PerFeature.Of(1, 0.5, 0.03), Seed = 9 };

    sealed class Numbered
    {
        [VectorType(Width)] public float[] X { get; set; } = [];
    }

    [Fact]
    public void A_world_is_fed_row_after_row_and_again_from_its_first_after_its_last() =>
        Gen.Select(Gen.Int[1, 600], Gen.Int[1, 700].Array[1, 4], Gen.OneOf(-1L, 0, 5)).Sample((rows, batches, stream) =>
        {
            using var feed = RowFeed.Of(new SparseFeatureView(World with { Rows = rows }), "Features", stream, seed: 0);
            var drawn = RowStream.Of(World, stream);
            var once = new float[rows * Width];
            drawn.Fill(0, rows, once);
            var expected = once.Chunk(Width).ToArray();
            var at = 0;
            foreach (var batch in batches)
                foreach (var row in Next(feed, batch)) Assert.Equal(expected[at++ % rows], row);
        });

    [Fact]
    public void Stream_0_of_a_world_is_what_its_view_shows()
    {
        var view = new SparseFeatureView(World with { Rows = 500 });
        using var feed = RowFeed.Of(view, "Features", stream: 0, seed: 0);
        Assert.Equal(view.Vectors("Features"), Next(feed, 500));
    }

    [Fact]
    public void A_view_that_cannot_shuffle_is_fed_in_its_order_again_and_again() =>
        Gen.Select(Gen.Int[1, 30], Gen.Int[1, 50].Array[1, 4]).Sample((rows, batches) =>
        {
            using var feed = RowFeed.Of(Ml.Data.LoadFromEnumerable(Rows(rows).Where(_ => true)), "X", stream: 0, seed: 1);
            var at = 0;
            foreach (var batch in batches)
                foreach (var row in Next(feed, batch)) Assert.Equal([at++ % rows, 0, 1], row);
        });

    [Fact]
    public void A_view_that_can_shuffle_is_fed_in_a_new_order_each_time_every_row_once() =>
        Gen.Select(Gen.Int[1, 60], Gen.Int[1, 5], Gen.Long).Sample((rows, epochs, seed) =>
        {
            var view = new SparseFeatureView(World with { Rows = rows });
            // Any other view than a world itself: here one with another column.
            var other = Ml.Transforms.CopyColumns("X", "Features").Fit(view).Transform(view);
            using var feed = RowFeed.Of(other, "X", stream: 0, seed);
            using var same = RowFeed.Of(other, "X", stream: 3, seed);
            var orders = new List<string>();
            var expected = view.Vectors("Features").Select(Text).Order();
            for (var epoch = 0; epoch < epochs; epoch++)
            {
                var fed = Next(feed, rows).Select(Text).ToArray();
                Assert.Equal(fed, Next(same, rows).Select(Text));   // the order follows from the seed alone
                Assert.Equal(expected, fed.Order());
                orders.Add(string.Join(';', fed));
            }
            if (rows > 20) Assert.Equal(epochs, orders.Distinct().Count());   // 20! orders
        }, iter: 30);

    [Fact]
    public void Other_seeds_give_other_orders()
    {
        var view = new SparseFeatureView(World with { Rows = 50 });
        var other = Ml.Transforms.CopyColumns("X", "Features").Fit(view).Transform(view);
        var orders = Enumerable.Range(0, 5).Select(seed =>
        {
            using var feed = RowFeed.Of(other, "X", 0, seed);
            return string.Join(';', Next(feed, 50).Select(Text));
        });
        Assert.Equal(5, orders.Distinct().Count());
    }

    [Fact]
    public void An_empty_view_and_an_empty_world_are_refused()
    {
        using var view = RowFeed.Of(Ml.Data.LoadFromEnumerable(Rows(0)), "X", 0, 1);
        using var world = RowFeed.Of(new SparseFeatureView(World with { Rows = 0 }), "Features", 0, 1);
        foreach (var feed in new[] { view, world })
            Assert.Equal(InputDataReason.Empty, Assert.Throws<InputDataException>(() => Next(feed, 1)).Reason);
    }

    [Fact]
    public void A_value_that_is_not_finite_is_refused_with_its_row_and_slot()
    {
        Numbered[] rows = [.. Rows(10)];
        rows[7].X[2] = float.NaN;
        using var feed = RowFeed.Of(Ml.Data.LoadFromEnumerable(rows.Where(_ => true)), "X", 0, 1);
        Assert.Equal(7, Next(feed, 7).Length);
        var error = Assert.Throws<InputDataException>(() => Next(feed, 1));
        Assert.Equal(InputDataReason.NotFinite, error.Reason);
        Assert.Contains("row 7, slot 2", error.Message, StringComparison.Ordinal);
    }

    static IEnumerable<Numbered> Rows(int count) => Enumerable.Range(0, count).Select(i => new Numbered { X = [i, 0, 1] });

    static string Text(float[] row) => string.Join(' ', row);

    static float[][] Next(RowFeed feed, int rows)
    {
        var batch = new float[rows * Width];
        feed.Next(batch);
        return [.. batch.Chunk(Width)];
    }
}

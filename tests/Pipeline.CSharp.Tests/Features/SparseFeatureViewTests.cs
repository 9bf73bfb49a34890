using CsCheck;
using Microsoft.ML;
using Microsoft.ML.Data;
using Superposition.Features;
using Xunit;

namespace Superposition.Tests.Features;

public sealed class SparseFeatureViewTests
{
    static readonly MLContext Ml = new(seed: 1);
    static readonly SparseFeatureOptions World = new()
    {
        Features = 6,
        Density = PerFeature.Of(0.5, 0.02, 1, 0.0625, 0.03, 0.2),
        Rows = 5000,
        Seed = 11,
    };

    static readonly SparseFeatureView View = new(World);
    static readonly float[][] Rows = Drawn(World);   // by the row stream itself

    sealed class FeatureRow
    {
        [VectorType(6)] public float[] Features { get; set; } = [];
        public long Row { get; set; }
    }

    [Fact]
    public void A_cursor_reads_stream_0_in_order_and_a_second_one_the_same()
    {
        for (var time = 0; time < 2; time++)
        {
            using var cursor = View.GetRowCursor(View.Schema);
            var rows = cursor.Vectors("Features");
            Assert.Equal(Rows, rows.Select(r => r.Value));
            Assert.Equal(Enumerable.Range(0, Rows.Length).Select(r => (UInt128)r), rows.Select(r => r.Id));
        }
    }

    [Fact]
    public void Row_is_the_rows_number()
    {
        using var cursor = View.GetRowCursor(View.Columns("Row"), new Random(1));
        foreach (var row in cursor.Scalars<long>("Row")) Assert.Equal(row.Id, (UInt128)row.Value);
    }

    [Fact]
    public void A_shuffled_cursor_serves_every_row_exactly_once_with_the_values_of_its_number()
    {
        using var cursor = View.GetRowCursor(View.Schema, new Random(3));
        var rows = cursor.Vectors("Features");
        AssertAllRowsOnce(rows);
        Assert.NotEqual(rows.Select(r => r.Id), rows.Select(r => r.Id).Order());
    }

    [Fact]
    public void Parallel_cursors_serve_every_row_exactly_once_and_in_order_of_their_batches() =>
        Gen.Select(Gen.Int[1, 7], Gen.Int[0, 5000], Gen.Bool).Sample((n, rows, shuffled) =>
        {
            var view = new SparseFeatureView(World with { Rows = rows });
            using var alone = view.GetRowCursor(view.Schema, shuffled ? new Random(5) : null);
            var sequential = alone.Vectors("Features");
            var cursors = view.GetRowCursorSet(view.Schema, n, shuffled ? new Random(5) : null);
            var parts = cursors.Select(c => c.Vectors("Features")).ToArray();
            Assert.InRange(parts.Length, 1, n);
            // The contract: batches ascend within a cursor, and no two cursors share one.
            foreach (var part in parts) Assert.Equal(part.Select(r => r.Batch).Order(), part.Select(r => r.Batch));
            Assert.Equal(
                parts.Sum(p => p.Select(r => r.Batch).Distinct().Count()),
                parts.SelectMany(p => p.Select(r => r.Batch)).Distinct().Count());
            var merged = parts.SelectMany(p => p).OrderBy(r => r.Batch);   // a stable sort, which is what ML.NET's merging comes to
            Assert.Equal(sequential.Select(r => (r.Id, Text(r.Value))), merged.Select(r => (r.Id, Text(r.Value))));
        }, iter: 30);

    [Fact]
    public void ML_NET_merges_parallel_cursors_into_the_rows_in_order()
    {
        var recording = new RecordingView(View);
        // A new column makes ML.NET's row mappers read by parallel cursors.
        var copied = Ml.Transforms.CopyColumns("Copy", "Features").Fit(recording).Transform(recording);
        Assert.Equal(Rows, copied.Vectors("Copy"));
        if (Environment.ProcessorCount > 1) Assert.Contains(recording.CursorSets, cursors => cursors > 1);
    }

    [Fact]
    public void A_position_is_minus_one_before_the_first_row_and_after_the_last()
    {
        using var cursor = new SparseFeatureView(World with { Rows = 3 }).GetRowCursor(View.Schema);
        Assert.Equal(-1, cursor.Position);
        for (var row = 0; row < 3; row++)
        {
            Assert.True(cursor.MoveNext());
            Assert.Equal(row, cursor.Position);
        }
        Assert.False(cursor.MoveNext());
        Assert.Equal(-1, cursor.Position);
        Assert.False(cursor.MoveNext());
    }

    [Fact]
    public void A_billion_rows_cost_no_memory()
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        foreach (var rows in new[] { 1_000_000_000, long.MaxValue })
        {
            var view = new SparseFeatureView(World with { Rows = rows });
            Assert.Equal(rows, view.GetRowCount());
            using var cursor = view.GetRowCursor(view.Schema, new Random(1));
            var read = cursor.GetGetter<VBuffer<float>>(view.Schema["Features"]);
            var value = default(VBuffer<float>);
            for (var r = 0; r < 1000; r++)
            {
                Assert.True(cursor.MoveNext());
                read(ref value);
            }
        }
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public void An_empty_world_has_no_rows()
    {
        var empty = new SparseFeatureView(World with { Rows = 0 });
        Assert.Empty(empty.Vectors("Features"));
        Assert.All(empty.GetRowCursorSet(empty.Schema, 4, new Random(1)), c => Assert.False(c.MoveNext()));
    }

    [Fact]
    public void A_column_that_was_not_asked_for_or_of_another_type_is_refused()
    {
        using var cursor = View.GetRowCursor(View.Columns("Row"));
        Assert.False(cursor.IsColumnActive(View.Schema["Features"]));
        Assert.Throws<InvalidOperationException>(() => cursor.GetGetter<VBuffer<float>>(View.Schema["Features"]));
        Assert.Throws<InvalidOperationException>(() => cursor.GetGetter<int>(View.Schema["Row"]));
    }

    [Fact]
    public void CreateEnumerable_yields_every_row()
    {
        var rows = Ml.Data.CreateEnumerable<FeatureRow>(View, reuseRowObject: false).ToArray();
        Assert.Equal(Rows, rows.Select(r => r.Features));
        Assert.Equal(Enumerable.Range(0, Rows.Length).Select(r => (long)r), rows.Select(r => r.Row));
    }

    [Fact]
    public void Cache_TakeRows_SkipRows_and_ShuffleRows_yield_the_same_rows()
    {
        Assert.Equal(Rows, Ml.Data.Cache(View).Vectors("Features"));
        Assert.Equal(Rows[..10], Ml.Data.TakeRows(View, 10).Vectors("Features"));
        Assert.Equal(Rows[4990..], Ml.Data.SkipRows(View, 4990).Vectors("Features"));
        var shuffled = Ml.Data.ShuffleRows(View, seed: 7);
        using var cursor = shuffled.GetRowCursor(shuffled.Schema);
        var numbers = cursor.Scalars<long>("Row").Select(r => r.Value);
        var rows = numbers.Zip(shuffled.Vectors("Features"), (row, value) => (Row: row, Value: value)).ToArray();
        Assert.Equal(Enumerable.Range(0, Rows.Length).Select(r => (long)r), rows.Select(r => r.Row).Order());
        Assert.All(rows, row => Assert.Equal(Rows[row.Row], row.Value));
    }

    [Fact]
    public void TrainTestSplit_shares_the_rows_out()
    {
        var split = Ml.Data.TrainTestSplit(View, testFraction: 0.3, seed: 2);
        var (train, test) = (split.TrainSet.GetColumn<long>("Row").ToArray(), split.TestSet.GetColumn<long>("Row").ToArray());
        Assert.Equal(Enumerable.Range(0, Rows.Length).Select(r => (long)r), train.Concat(test).Order());
        Assert.Equal(0.3 * Rows.Length, test.Length, 4 * Math.Sqrt(0.21 * Rows.Length));   // binomial
        Assert.Equal(test.Select(row => Rows[row]), split.TestSet.Vectors("Features"));
    }

    [Fact]
    public void What_is_saved_as_binary_is_read_back()
    {
        using var file = new TemporaryFile();
        using (var stream = File.Create(file.Path)) Ml.Data.SaveAsBinary(Ml.Data.TakeRows(View, 50), stream);
        var loaded = Ml.Data.LoadFromBinary(file.Path);
        using var held = loaded as IDisposable;
        Assert.Equal(Rows[..50], loaded.Vectors("Features"));
        Assert.Equal(Enumerable.Range(0, 50).Select(r => (long)r), loaded.GetColumn<long>("Row"));
    }

    [Fact]
    public void What_is_saved_as_text_is_read_back()
    {
        using var file = new TemporaryFile();
        using (var stream = File.Create(file.Path))
            Ml.Data.SaveAsText(Ml.Data.TakeRows(View, 50), stream, headerRow: false, schema: false, forceDense: true);
        var loaded = Ml.Data.LoadFromTextFile<TextRow>(file.Path, hasHeader: false);
        Assert.Equal(Enumerable.Range(0, 50).Select(r => (long)r), loaded.GetColumn<long>("Row"));
        Assert.All(Rows[..50].Zip(loaded.Vectors("Features")), pair =>
        {
            for (var i = 0; i < 6; i++) Assert.Equal(pair.First[i], pair.Second[i], 1e-6f);   // the text saver writes 7 digits
        });
    }

    sealed class TextRow
    {
        [LoadColumn(0, 5), VectorType(6)] public float[] Features { get; set; } = [];
        [LoadColumn(6)] public long Row { get; set; }
    }

    static void AssertAllRowsOnce(IReadOnlyCollection<ViewReader.Read<float[]>> rows)
    {
        Assert.Equal(Enumerable.Range(0, Rows.Length).Select(r => (UInt128)r), rows.Select(r => r.Id).Order());
        Assert.All(rows, r => Assert.Equal(Rows[(int)r.Id], r.Value));
    }

    static string Text(float[] values) => string.Join(' ', values);

    static float[][] Drawn(SparseFeatureOptions world)
    {
        var all = new float[world.Rows * world.Features];
        RowStream.Of(world, 0).Fill(0, (int)world.Rows, all);
        return [.. all.Chunk(world.Features)];
    }
}

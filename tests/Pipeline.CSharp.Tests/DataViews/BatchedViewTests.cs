using CsCheck;
using Microsoft.ML;
using Microsoft.ML.Data;
using Superposition.DataViews;
using Superposition.Features;
using Xunit;

namespace Superposition.Tests.DataViews;

public sealed class BatchedViewTests
{
    static readonly MLContext Ml = new(seed: 1);

    sealed class Sample
    {
        [VectorType(3)] public float[] X { get; set; } = [];
        public string Text { get; set; } = "";
        [KeyType(10)] public uint Key { get; set; }
        public double[] Ragged { get; set; } = [];     // a vector whose size differs by row
        public string[] Words { get; set; } = [];
        public bool Flag { get; set; }
        public DateTime Time { get; set; }
    }

    static readonly Gen<Sample> AnySample =
        Gen.Select(
            Gen.Float[-10, 10].Array[3], Gen.String, Gen.UInt[0, 10], Gen.Double[0, 1].Array[0, 5], Gen.String.Array[0, 3], Gen.Bool)
            .Select((x, text, key, ragged, words, flag) => new Sample
            {
                X = x,
                Text = text,
                Key = key,
                Ragged = ragged,
                Words = words,
                Flag = flag,
                Time = new DateTime(2000, 1, 1).AddDays(key),
            });

    static readonly Gen<Sample[]> Samples = AnySample.Array[0, 40];

    [Fact]
    public void Every_row_is_what_it_is_alone_whatever_the_batch_size() =>
        Gen.Select(Samples, Gen.Int[1, 50]).Sample((samples, batch) =>
        {
            var map = new CountingMap("X", 3, batch);
            var view = new BatchedView(Ml.Data.LoadFromEnumerable(samples), map);
            Assert.Equal(samples.Select(s => CountingMap.Double(s.X)), view.Vectors("Double"));
            Assert.Equal(samples.Length, map.RowsComputed);
            Assert.Equal((samples.Length + batch - 1) / batch, map.Calls);
            Assert.Equal(0, map.Moments);   // nobody asked
            Assert.Equal(samples.Select(s => CountingMap.Moment(s.X)), view.Vectors("Moments"));
        });

    [Fact]
    public void Columns_that_pass_through_keep_their_values_whatever_their_type() =>
        Gen.Select(Samples, Gen.Int[1, 50]).Sample((samples, batch) =>
        {
            var input = Ml.Data.LoadFromEnumerable(samples);
            var view = new BatchedView(input, new CountingMap("X", 3, batch));
            var all = Ml.Data.CreateEnumerable<Sample>(view, reuseRowObject: false).Zip(view.Vectors("Double")).ToArray();
            Assert.Equal(samples.Length, all.Length);
            // ML.NET's own reading of the input is what is expected: it returns a key as key + 1.
            foreach (var (expected, (found, doubled)) in Ml.Data.CreateEnumerable<Sample>(input, reuseRowObject: false).Zip(all))
            {
                Assert.Equivalent(expected, found, strict: true);
                Assert.Equal(CountingMap.Double(expected.X), doubled);
            }
        });

    [Fact]
    public void A_value_stays_its_rows_own_when_read_late_twice_or_not_at_all() =>
        Gen.Select(AnySample.Array[1, 40], Gen.Int[1, 50], Gen.Int[1, 3]).Sample((samples, batch, every) =>
        {
            var view = new BatchedView(Ml.Data.LoadFromEnumerable(samples), new CountingMap("X", 3, batch));
            using var cursor = view.GetRowCursor(view.Schema);
            var text = cursor.GetGetter<ReadOnlyMemory<char>>(view.Schema["Text"]);
            var ragged = cursor.GetGetter<VBuffer<double>>(view.Schema["Ragged"]);
            var doubled = cursor.GetGetter<VBuffer<float>>(view.Schema["Double"]);
            var (t, r, d) = (default(ReadOnlyMemory<char>), default(VBuffer<double>), default(VBuffer<float>));
            for (var row = 0; row < samples.Length; row++)
            {
                Assert.True(cursor.MoveNext());
                Assert.Equal(row, cursor.Position);
                if (row % every != 0) continue;
                for (var time = 0; time < 2; time++)
                {
                    doubled(ref d);
                    ragged(ref r);
                    text(ref t);
                    Assert.Equal(samples[row].Text, t.ToString());
                    Assert.Equal(samples[row].Ragged, r.DenseValues());
                    Assert.Equal(CountingMap.Double(samples[row].X), d.DenseValues());
                }
                VBufferEditor.CreateFromBuffer(ref d).Values.Fill(-1);   // a reader may write into what it was given
                VBufferEditor.CreateFromBuffer(ref r).Values.Fill(-1);
            }
            Assert.False(cursor.MoveNext());
            Assert.Equal(-1, cursor.Position);
            Assert.False(cursor.MoveNext());
        });

    // The world is sparse, its rows carry ids and batches of their own, and its cursors shuffle and run in parallel.
    static readonly SparseFeatureOptions World = new() { Features = 5, Density = 0.3, Rows = 4000, Seed = 5 };

    [Fact]
    public void Ids_and_batches_are_the_inputs_also_in_parallel_and_shuffled() =>
        Gen.Select(Gen.Int[1, 1500], Gen.Int[1, 5], Gen.Bool).Sample((batch, cursors, shuffled) =>
        {
            var world = new SparseFeatureView(World);
            var view = new BatchedView(world, new CountingMap("Features", 5, batch));
            var ours = view.GetRowCursorSet(view.Schema, cursors, shuffled ? new Random(1) : null);
            var theirs = world.GetRowCursorSet(world.Schema, cursors, shuffled ? new Random(1) : null);
            Assert.Equal(theirs.Length, ours.Length);
            foreach (var (our, their) in ours.Zip(theirs))
            {
                var (found, expected) = (our.Vectors("Double"), their.Vectors("Features"));
                Assert.Equal(expected.Select(r => (r.Id, r.Batch)), found.Select(r => (r.Id, r.Batch)));
                Assert.Equal(expected.Select(r => CountingMap.Double(r.Value)), found.Select(r => r.Value));
            }
        }, iter: 20);

    [Fact]
    public void ML_NET_merges_parallel_batched_cursors_into_the_rows_in_order()
    {
        var recording = new RecordingView(new BatchedView(new SparseFeatureView(World), new CountingMap("Features", 5, 300)));
        var copied = Ml.Transforms.CopyColumns("Copy", "Double").Fit(recording).Transform(recording);
        Assert.Equal(new SparseFeatureView(World).Vectors("Features").Select(CountingMap.Double), copied.Vectors("Copy"));
        if (Environment.ProcessorCount > 1) Assert.Contains(recording.CursorSets, cursors => cursors > 1);
    }

    [Fact]
    public void Nothing_is_computed_nor_its_input_read_where_no_output_is_asked_for()
    {
        var input = new RecordingView(new SparseFeatureView(World));
        var map = new CountingMap("Features", 5, 100);
        var view = new BatchedView(input, map);
        Assert.Equal(Enumerable.Range(0, 4000).Select(r => (long)r), view.GetColumn<long>("Row"));
        Assert.Equal(0, map.Calls);
        Assert.Equal([["Row"]], input.Asked);
    }

    [Fact]
    public void Only_the_outputs_asked_for_are_computed_and_only_their_input_is_read()
    {
        var input = new RecordingView(new SparseFeatureView(World));
        var map = new CountingMap("Features", 5, 100);
        _ = new BatchedView(input, map).Vectors("Moments");
        Assert.Equal((40, 0, 40), (map.Calls, map.Doubles, map.Moments));
        Assert.Equal([["Features"]], input.Asked);
    }

    [Fact]
    public void A_column_that_was_not_asked_for_or_of_another_type_is_refused()
    {
        var view = new BatchedView(new SparseFeatureView(World), new CountingMap("Features", 5, 10));
        using var cursor = view.GetRowCursor(view.Columns("Double", "Row"));
        Assert.False(cursor.IsColumnActive(view.Schema["Features"]));   // read underneath, but not served
        Assert.Throws<InvalidOperationException>(() => cursor.GetGetter<VBuffer<float>>(view.Schema["Features"]));
        Assert.Throws<InvalidOperationException>(() => cursor.GetGetter<VBuffer<float>>(view.Schema["Moments"]));
        Assert.Throws<InvalidOperationException>(() => cursor.GetGetter<float>(view.Schema["Double"]));
        Assert.Throws<InvalidOperationException>(() => cursor.GetGetter<float>(view.Schema["Row"]));
    }

    [Fact]
    public void Cache_ShuffleRows_TakeRows_and_TrainTestSplit_work_on_it()
    {
        var view = new BatchedView(new SparseFeatureView(World), new CountingMap("Features", 5, 128));
        var expected = new SparseFeatureView(World).Vectors("Features").Select(CountingMap.Double).ToArray();
        Assert.Equal(expected, Ml.Data.Cache(view).Vectors("Double"));
        Assert.Equal(expected[..7], Ml.Data.TakeRows(view, 7).Vectors("Double"));
        var shuffled = Ml.Data.ShuffleRows(view, seed: 3);
        var rows = shuffled.GetColumn<long>("Row").ToArray();
        Assert.Equal(Enumerable.Range(0, 4000).Select(r => (long)r), rows.Order());
        Assert.Equal(rows.Select(row => expected[row]), shuffled.Vectors("Double"));
        var split = Ml.Data.TrainTestSplit(view, 0.25, seed: 4);
        Assert.Equal(4000, split.TrainSet.Vectors("Double").Length + split.TestSet.Vectors("Double").Length);
    }

    [Fact]
    public void An_output_named_as_an_input_column_hides_it()
    {
        var data = Ml.Data.LoadFromEnumerable([new Renamed { Double = [1, 2, 3] }]);
        var view = new BatchedView(data, new CountingMap("Double", 3, 2));
        Assert.Equal([[2, 4, 6]], view.Vectors("Double"));
    }

    sealed class Renamed
    {
        [VectorType(3)] public float[] Double { get; set; } = [];
    }
}

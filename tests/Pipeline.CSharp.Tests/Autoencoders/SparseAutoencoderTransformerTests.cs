using Microsoft.ML;
using Microsoft.ML.Data;
using Superposition.Autoencoders;
using Superposition.DataViews;
using TorchSharp;
using Xunit;

namespace Superposition.Tests.Autoencoders;

/// <summary>What is served, against the reference, and what serving costs.</summary>
public sealed class SparseAutoencoderTransformerTests
{
    /// <summary>[rows] As the column holds them, each a copy: a cursor fills the same vector again.</summary>
    static VBuffer<float>[] Vectors(IDataView view, string column)
    {
        var vectors = new List<VBuffer<float>>();
        using var cursor = view.GetRowCursor([view.Schema[column]]);
        var read = cursor.GetGetter<VBuffer<float>>(view.Schema[column]);
        for (VBuffer<float> value = default; cursor.MoveNext(); value = default)
        {
            read(ref value);
            vectors.Add(value);
        }
        return [.. vectors];
    }

    static float[][] Dense(IDataView view, string column) => [.. view.GetColumn<float[]>(view.Schema[column])];

    [Fact]
    public void Latents_and_reconstruction_are_the_reference()
    {
        for (var seed = 0; seed < 40; seed++)
        {
            var topK = seed % 2 == 0;
            var draw = topK ? AutoencoderDraw.TopK(new(seed)) : AutoencoderDraw.L1(new(seed));
            var expected = topK ? draw.Reference.TopK(draw.X, draw.K, false, new(0, [])) : draw.Reference.L1(draw.X, 0, true);
            var served = Plain(draw, topK ? new TopKActivation(draw.K) : new ReluActivation())
                .ToTransformer("Z", "Activations", "R").Transform(View(draw));
            AssertNear(expected.Latents, Dense(served, "Z"));
            AssertNear(expected.Reconstructions, Dense(served, "R"));
        }
    }

    [Fact]
    public void Latents_are_sparse_with_at_most_k_values_ascending_and_positive()
    {
        for (var seed = 0; seed < 40; seed++)
        {
            var draw = AutoencoderDraw.TopK(new(seed));
            var k = Math.Min(draw.K, Math.Max(1, draw.Latents / 2));
            foreach (var z in Vectors(Plain(draw, new TopKActivation(k)).ToTransformer("Z", "Activations").Transform(View(draw)), "Z"))
            {
                Assert.Equal(draw.Latents, z.Length);
                Assert.Equal(draw.Latents == k && z.GetValues().Length == k, z.IsDense);
                Assert.InRange(z.GetValues().Length, 0, k);
                Assert.DoesNotContain(z.GetValues().ToArray(), v => v <= 0);
                if (!z.IsDense) Assert.Equal(z.GetIndices().ToArray().Distinct().Order(), z.GetIndices().ToArray());
            }
        }
    }

    [Fact]
    public void A_large_dictionary_is_served_in_the_room_of_its_active_latents()
    {
        var random = new Random(1);
        var autoencoder = Random(random, d: 16, m: 20_000, new TopKActivation(5));
        var served = autoencoder.ToTransformer("Z", "Activations").Transform(Recorded.View(Recorded.Normal(1, 50, 16)));
        Assert.All(Vectors(served, "Z"), z => Assert.Equal((false, 20_000, 5), (z.IsDense, z.Length, z.GetValues().Length)));
    }

    [Fact]
    public void The_batch_size_changes_no_number()
    {
        var random = new Random(2);
        var autoencoder = Random(random, d: 10, m: 30, new TopKActivation(4));
        var view = Recorded.View(Recorded.Normal(3, 100, 10));
        var (z, r) = Served(1);
        foreach (var batchSize in new[] { 2, 7, 99, 100, 101, 512 })
        {
            var (otherZ, otherR) = Served(batchSize);
            AssertNear(z, otherZ);
            AssertNear(r, otherR);
        }

        (float[][], float[][]) Served(int batchSize)
        {
            var served = autoencoder.ToTransformer("Z", "Activations", "R", batchSize).Transform(view);
            return (Dense(served, "Z"), Dense(served, "R"));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void A_batch_of_no_rows_is_refused(int batchSize) => Assert.Throws<ArgumentOutOfRangeException>(() =>
        Random(new(1), d: 2, m: 3, new ReluActivation()).ToTransformer("Z", "Activations", null, batchSize));

    [Fact]
    public void The_reconstruction_is_the_decoded_latents()
    {
        var autoencoder = Random(new(4), d: 8, m: 24, new TopKActivation(3));
        var served = autoencoder.ToTransformer("Z", "Activations", "R").Transform(Recorded.View(Recorded.Normal(4, 60, 8)));
        AssertNear(Dense(served, "Z").Select(z => Decode(autoencoder, z)).ToArray(), Dense(served, "R"));
    }

    [Fact]
    public void The_reconstruction_alone_and_the_latents_alone_are_what_they_are_together()
    {
        var autoencoder = Random(new(5), d: 8, m: 24, new TopKActivation(3));
        var served = autoencoder.ToTransformer("Z", "Activations", "R").Transform(Recorded.View(Recorded.Normal(4, 60, 8)));
        var (z, r) = (new List<float[]>(), new List<float[]>());
        using var cursor = served.GetRowCursor([served.Schema["Z"], served.Schema["R"]]);
        var (getZ, getR) = (cursor.GetGetter<VBuffer<float>>(served.Schema["Z"]), cursor.GetGetter<VBuffer<float>>(served.Schema["R"]));
        VBuffer<float> value = default;
        while (cursor.MoveNext())
        {
            getR(ref value);
            r.Add([.. value.DenseValues()]);
            getZ(ref value);
            z.Add([.. value.DenseValues()]);
            getR(ref value);   // once more, after the other
            Assert.Equal(r[^1], value.DenseValues());
        }
        Assert.Equal(Dense(served, "Z"), z);
        Assert.Equal(Dense(served, "R"), r);
    }

    [Fact]
    public void Renaming_latents_renames_what_is_served()
    {
        var autoencoder = Random(new(6), d: 6, m: 20, new TopKActivation(3));
        var order = AutoencoderDraw.Permutation(new(1), 20);
        var renamed = autoencoder with
        {
            Encoder = Matrix(6, 20, (i, j) => autoencoder.Encoder[i, order[j]]),
            Decoder = Matrix(20, 6, (j, i) => autoencoder.Decoder[order[j], i]),
            EncoderBias = [.. order.Select(j => autoencoder.EncoderBias[j])],
        };
        var view = Recorded.View(Recorded.Normal(4, 60, 6));
        var (one, other) = (autoencoder.ToTransformer("Z", "Activations", "R").Transform(view), renamed.ToTransformer("Z", "Activations", "R").Transform(view));
        AssertNear(Dense(one, "Z").Select(z => order.Select(j => z[j]).ToArray()).ToArray(), Dense(other, "Z"));
        AssertNear(Dense(one, "R"), Dense(other, "R"));
    }

    [Fact]
    public void A_sparse_input_column_gives_the_same_numbers_as_a_dense_one()
    {
        var autoencoder = Random(new(7), d: 9, m: 20, new TopKActivation(3));
        var rows = Recorded.Normal(5, 40, 9).Select(row => row.Select(v => v > 0.5f ? v : 0).ToArray()).ToArray();
        var ml = new MLContext();
        var schema = SchemaDefinition.Create(typeof(Sparse));
        schema[0].ColumnType = new VectorDataViewType(NumberDataViewType.Single, 9);
        var sparse = ml.Data.LoadFromEnumerable(rows.Select(row => new Sparse
        {
            Activations = new(9, row.Count(v => v != 0), [.. row.Where(v => v != 0)], [.. Enumerable.Range(0, 9).Where(i => row[i] != 0)]),
        }), schema);
        var stage = autoencoder.ToTransformer("Z", "Activations");
        Assert.Equal(Dense(stage.Transform(Recorded.View(rows)), "Z"), Dense(stage.Transform(sparse), "Z"));
    }

    sealed class Sparse
    {
        public VBuffer<float> Activations { get; set; }
    }

    [Fact]
    public void An_output_that_nobody_asks_for_is_not_computed()
    {
        float[][] rows = [.. Recorded.Normal(6, 30, 4)];
        rows[7][2] = float.NaN;   // computing would find it
        var served = Random(new(8), d: 4, m: 9, new ReluActivation()).ToTransformer("Z", "Activations").Transform(Recorded.View(rows));
        var before = DisposeScopeManager.Statistics.TensorStatistics.CreatedInScopeCount;
        Assert.Equal(Enumerable.Range(0, 30), served.GetColumn<int>("Tag"));
        Assert.Equal(rows, Dense(served, "Activations"));
        Assert.Equal(before, DisposeScopeManager.Statistics.TensorStatistics.CreatedInScopeCount);
        var error = Assert.Throws<InputDataException>(() => Dense(served, "Z"));
        Assert.Equal(InputDataReason.NotFinite, error.Reason);
        Assert.Contains("\"Activations\", row 7, slot 2", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Ten_thousand_rows_leave_no_tensor_behind()
    {
        var stage = Random(new(9), d: 4, m: 9, new TopKActivation(2)).ToTransformer("Z", "Activations", "R", batchSize: 64);
        var served = stage.Transform(Recorded.View(Recorded.Normal(7, 10_000, 4)));
        Dense(served, "R");   // the weights become tensors when they are first asked for, and stay
        var before = LiveTensors();
        Assert.Equal(10_000, Dense(served, "Z").Length);
        Assert.Equal(10_000, Dense(served, "R").Length);
        using (var cursor = served.GetRowCursor(served.Schema))
            for (var row = 0; row < 100; row++) cursor.MoveNext();   // left in the middle of a batch
        Assert.Equal(before, LiveTensors());
    }

    [Fact]
    public void While_a_cursor_is_read_no_tensor_is_alive_but_the_weights()
    {
        var served = Random(new(9), d: 4, m: 9, new TopKActivation(2)).ToTransformer("Z", "Activations", batchSize: 10)
            .Transform(Recorded.View(Recorded.Normal(7, 200, 4)));
        var latents = served.Schema["Z"];
        using var cursor = served.GetRowCursor([latents]);
        cursor.MoveNext();
        var during = LiveTensors();
        while (cursor.MoveNext()) Assert.Equal(during, LiveTensors());
        Assert.Equal(during, LiveTensors());
    }

    [Fact]
    public void Columns_that_do_not_fit_are_refused_with_what_was_expected()
    {
        var stage = Random(new(9), d: 4, m: 9, new ReluActivation()).ToTransformer("Z", "Activations");
        var wide = Assert.Throws<InputDataException>(() => stage.Transform(Recorded.View(Recorded.Normal(1, 2, 5))));
        Assert.Equal(InputDataReason.WrongSize, wide.Reason);
        Assert.Contains("vectors of 4, found vectors of 5", wide.Message, StringComparison.Ordinal);
        var view = new MLContext().Data.LoadFromEnumerable(new[] { new { Activations = 1f, Other = 2 } });
        Assert.Equal(InputDataReason.WrongType, Assert.Throws<InputDataException>(() => stage.Transform(view)).Reason);
        var missing = Assert.Throws<InputDataException>(() =>
            Random(new(9), d: 4, m: 9, new ReluActivation()).ToTransformer("Z", "Activation").Transform(view));
        Assert.Equal(InputDataReason.MissingColumn, missing.Reason);
        Assert.Contains("\"Activations\", \"Other\"", missing.Message, StringComparison.Ordinal);
    }

    static long LiveTensors() => DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;

    static IDataView View(AutoencoderDraw draw) => Recorded.View([.. draw.X.Select(Engine.Singles)]);

    // The draw's parameters as they are served, decoder norms as drawn.
    static SparseAutoencoder Plain(AutoencoderDraw draw, SparseActivation activation)
    {
        int d = draw.Dimensions, m = draw.Latents;
        var p = draw.Reference.Parameters.ToDictionary(parameter => parameter.Key, parameter => Engine.Singles(parameter.Value));
        return new(
            Matrix(d, m, (i, j) => p["W_enc"][j * d + i]), p["b_enc"], Matrix(m, d, (j, i) => p["W_dec"][j * d + i]), p["b_dec"], activation);
    }

    static SparseAutoencoder Random(Random random, int d, int m, SparseActivation activation)
    {
        float Next() => (float)AutoencoderDraw.Normal(random, 1, 1)[0];
        return new(Matrix(d, m, (_, _) => Next()), [.. Enumerable.Range(0, m).Select(_ => Next())], Matrix(m, d, (_, _) => Next()),
            [.. Enumerable.Range(0, d).Select(_ => Next())], activation);
    }

    static float[,] Matrix(int rows, int columns, Func<int, int, float> at)
    {
        var matrix = new float[rows, columns];
        for (var i = 0; i < rows; i++)
            for (var j = 0; j < columns; j++) matrix[i, j] = at(i, j);
        return matrix;
    }

    static float[] Decode(SparseAutoencoder autoencoder, float[] z) => [.. Enumerable.Range(0, autoencoder.Dimensions).Select(i =>
        (float)(autoencoder.DecoderBias[i] + z.Select((value, j) => (double)value * autoencoder.Decoder[j, i]).Sum()))];

    static void AssertNear(double[][] expected, float[][] actual) => AssertNear([.. expected.Select(Engine.Singles)], actual);

    static void AssertNear(float[][] expected, float[][] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var r = 0; r < expected.Length; r++)
        {
            Assert.Equal(expected[r].Length, actual[r].Length);
            for (var i = 0; i < expected[r].Length; i++)
                Assert.Equal(expected[r][i], actual[r][i], 1e-5 * Math.Max(1, Math.Abs(expected[r][i])));
        }
    }
}

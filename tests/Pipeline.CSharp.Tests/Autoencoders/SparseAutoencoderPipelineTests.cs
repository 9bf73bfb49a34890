using Microsoft.ML;
using Microsoft.ML.Data;
using Superposition.Autoencoders;
using Superposition.Training;
using Xunit;

namespace Superposition.Tests.Autoencoders;

/// <summary>The stage among ML.NET's own, as its users put them together.</summary>
public sealed class SparseAutoencoderPipelineTests
{
    const int D = 6, M = 15;
    readonly MLContext ml = new(seed: 1);

    public static TheoryData<SparseAutoencoderOptions> Architectures => new()
    {
        new TopKOptions { Latents = M, K = 3, Seed = 1, Samples = 3000, BatchSize = 100 },
        new TopKOptions { Latents = M, K = 3, Seed = 1, Samples = 3000, BatchSize = 100, ReconstructionColumn = "R" },
        new TopKOptions { Latents = M, K = M, Seed = 1, Samples = 3000, BatchSize = 100, ReconstructionColumn = "R" },
        new L1Options { Latents = M, Coefficient = 0.3, Seed = 1, Samples = 3000, BatchSize = 100 },
        new L1Options { Latents = M, Coefficient = 0.3, Seed = 1, Samples = 3000, BatchSize = 100, ReconstructionColumn = "R" },
    };

    [Theory]
    [MemberData(nameof(Architectures))]
    public void A_stage_that_was_saved_and_loaded_gives_the_same_numbers(SparseAutoencoderOptions options)
    {
        var view = Recorded.View(Recorded.Normal(1, 200, D));
        var trained = options.Train(view);
        var loaded = SavedAndLoaded(trained, view.Schema);
        foreach (var column in options.ReconstructionColumn is null ? ["Latents"] : new[] { "Latents", "R" })
            AssertNear(trained.Transform(view).Vectors(column), loaded.Transform(view).Vectors(column));
    }

    [Theory]
    [MemberData(nameof(Architectures))]
    public void The_shape_promised_before_training_is_the_schema_that_comes_of_it(SparseAutoencoderOptions options)
    {
        var view = Recorded.View(Recorded.Normal(1, 50, D));
        var estimator = ml.Transforms.SparseAutoencoder("Latents", "Activations", options with { Samples = 100 });
        var promised = estimator.GetOutputSchema(SchemaShape(view.Schema));
        var schema = estimator.Fit(view).GetOutputSchema(view.Schema);
        Assert.Equal(promised.Select(c => c.Name).Order(), schema.Select(c => c.Name).Order());
        foreach (var name in options.ReconstructionColumn is null ? ["Latents"] : new[] { "Latents", "R" })
        {
            var column = promised.Single(c => c.Name == name);
            Assert.Equal((Microsoft.ML.SchemaShape.Column.VectorKind.Vector, (DataViewType)NumberDataViewType.Single), (column.Kind, column.ItemType));
            Assert.Equal(name == "R" ? D : M, ((VectorDataViewType)schema[name].Type).Size);
        }
    }

    [Fact]
    public void From_a_world_through_a_toy_model_and_an_autoencoder_to_a_classifier()
    {
        var world = ml.Data.SparseFeatures(new() { Features = 20, Density = 0.15, Rows = 4000, Seed = 2 });
        var labelled = ml.Transforms.CustomMapping<Row, Label>((row, label) => label.HasFirst = row.Features.GetItemOrDefault(0) > 0.2f, null)
            .Fit(world).Transform(world);
        var split = ml.Data.TrainTestSplit(labelled, testFraction: 0.25, seed: 1);
        var model = ml.Transforms.ToyModel("Activations", "Features", new() { Dimensions = 10, Seed = 1, Steps = 1500, BatchSize = 128, Optimizer = new AdamWOptions { LearningRate = 1e-2 } })
            .Append(ml.Transforms.SparseAutoencoder("Latents", "Activations", new TopKOptions { Latents = 40, K = 4, Seed = 1, Samples = 150_000, BatchSize = 200, DeadAfter = 10_000, Optimizer = new AdamWOptions { LearningRate = 3e-3 } }))
            .Append(ml.Transforms.NormalizeMinMax("Normal", "Latents"))
            .Append(ml.BinaryClassification.Trainers.SdcaLogisticRegression("HasFirst", "Normal"))
            .Fit(split.TrainSet);
        var scored = model.Transform(split.TestSet);
        var metrics = ml.BinaryClassification.Evaluate(scored, "HasFirst");
        TestContext.Current.TestOutputHelper!.WriteLine($"area under the curve {metrics.AreaUnderRocCurve:F3}");
        Assert.InRange(metrics.AreaUnderRocCurve, 0.9, 1);

        // CustomMapping without a contract stays outside: what is saved begins at the features.
        var loaded = SavedAndLoaded(model, labelled.Schema);
        AssertNear(scored.Vectors("Latents"), loaded.Transform(split.TestSet).Vectors("Latents"));
        AssertNear(scored.Vectors("Normal"), loaded.Transform(split.TestSet).Vectors("Normal"));
        var (expected, actual) = (scored.GetColumn<float>("Probability").ToArray(), loaded.Transform(split.TestSet).GetColumn<float>("Probability").ToArray());
        for (var i = 0; i < expected.Length; i++) Assert.Equal(expected[i], actual[i], 1e-5);
    }

    [Fact]
    public void A_prediction_engine_predicts_what_the_view_shows()
    {
        var rows = Recorded.Normal(3, 60, D);
        var view = Recorded.View(rows);
        var trained = Options.Train(view);
        using var engine = ml.Model.CreatePredictionEngine<Input, Output>(trained);
        var (latents, reconstructions) = (trained.Transform(view).Vectors("Latents"), trained.Transform(view).Vectors("R"));
        AssertNear(latents, [.. rows.Select(row => engine.Predict(new() { Activations = row }).Latents)]);
        AssertNear(reconstructions, [.. rows.Select(row => engine.Predict(new() { Activations = row }).R)]);
    }

    [Fact]
    public void Rows_come_out_as_objects_with_what_passed_through()
    {
        var view = Recorded.View(Recorded.Normal(3, 60, D));
        var served = Options.Train(view).Transform(view);
        var objects = ml.Data.CreateEnumerable<Output>(served, reuseRowObject: false).ToArray();
        Assert.Equal(Enumerable.Range(0, 60), objects.Select(o => o.Tag));
        Assert.Equal(served.Vectors("Latents"), objects.Select(o => o.Latents));
        Assert.Equal(served.Vectors("R"), objects.Select(o => o.R));
    }

    [Fact]
    public void A_cached_view_shows_the_same_rows_twice()
    {
        var view = Recorded.View(Recorded.Normal(3, 700, D));
        var served = Options.Train(view).Transform(view);
        var cached = ml.Data.Cache(served, "Latents", "Tag");
        foreach (var _ in Enumerable.Range(0, 2)) Assert.Equal(served.Vectors("Latents"), cached.Vectors("Latents"));
    }

    [Fact]
    public void Shuffled_rows_are_the_same_rows_in_another_order()
    {
        var view = Recorded.View(Recorded.Normal(3, 700, D), shuffles: true);
        var served = Options.Train(view).Transform(view);
        var shuffled = ml.Data.ShuffleRows(served, seed: 1);
        var (latents, tags) = (served.Vectors("Latents"), shuffled.GetColumn<int>("Tag").ToArray());
        Assert.NotEqual(Enumerable.Range(0, 700), tags);
        Assert.Equal(Enumerable.Range(0, 700), tags.Order());
        AssertNear([.. tags.Select(tag => latents[tag])], shuffled.Vectors("Latents"));
    }

    [Fact]
    public void A_split_shares_the_rows_out()
    {
        var view = Recorded.View(Recorded.Normal(3, 700, D));
        var served = Options.Train(view).Transform(view);
        var (latents, split) = (served.Vectors("Latents"), ml.Data.TrainTestSplit(served, 0.3, seed: 1));
        foreach (var part in new[] { split.TrainSet, split.TestSet })
            AssertNear([.. part.GetColumn<int>("Tag").Select(tag => latents[tag])], part.Vectors("Latents"));
        Assert.Equal(Enumerable.Range(0, 700),
            split.TrainSet.GetColumn<int>("Tag").Concat(split.TestSet.GetColumn<int>("Tag")).Order());
    }

    [Fact]
    public void Parallel_cursors_share_the_rows_out()
    {
        var world = ml.Data.SparseFeatures(new() { Features = D, Density = 0.5, Rows = 5000, Seed = 1 });
        var served = ml.Transforms.SparseAutoencoder("Latents", "Features", Options).Fit(world).Transform(world);
        var rows = new SortedDictionary<long, float[]>();
        foreach (var cursor in served.GetRowCursorSet([served.Schema["Row"], served.Schema["Latents"]], 3))
            using (cursor)
            {
                var (row, latents) = (cursor.GetGetter<long>(served.Schema["Row"]), cursor.GetGetter<VBuffer<float>>(served.Schema["Latents"]));
                for (VBuffer<float> z = default; cursor.MoveNext();)
                {
                    long r = 0;
                    row(ref r);
                    latents(ref z);
                    rows.Add(r, [.. z.DenseValues()]);
                }
            }
        AssertNear(served.Vectors("Latents"), [.. rows.Values]);
    }

    [Theory]
    [InlineData("Activations", null)]
    [InlineData("Latents", "Latents")]
    [InlineData("Latents", "Activations")]
    public void Columns_that_share_a_name_are_refused_before_training(string latents, string? reconstruction) =>
        Assert.Throws<OptionsException>(() => ml.Transforms.SparseAutoencoder(
            latents, "Activations", new TopKOptions { Latents = 3, K = 1, Seed = 1, ReconstructionColumn = reconstruction }));

    static readonly TopKOptions Options = new() { Latents = M, K = 3, Seed = 1, Samples = 2000, BatchSize = 100, ReconstructionColumn = "R" };

    sealed class Row
    {
        public VBuffer<float> Features { get; set; }
    }

    sealed class Label
    {
        public bool HasFirst { get; set; }
    }

    sealed class Input
    {
        [VectorType(D)] public float[] Activations { get; set; } = [];
    }

    sealed class Output
    {
        public int Tag { get; set; }
        [VectorType(M)] public float[] Latents { get; set; } = [];
        [VectorType(D)] public float[] R { get; set; } = [];
    }

    ITransformer SavedAndLoaded(ITransformer model, DataViewSchema schema)
    {
        using var stream = new MemoryStream();
        ml.Model.Save(model, schema, stream);
        stream.Position = 0;
        return new MLContext().Model.Load(stream, out _);
    }

    static SchemaShape SchemaShape(DataViewSchema schema) => DataViews.SchemaShapes.Of(schema);

    static void AssertNear(float[][] expected, float[][] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var r = 0; r < expected.Length; r++)
        {
            Assert.Equal(expected[r].Length, actual[r].Length);
            for (var i = 0; i < expected[r].Length; i++) Assert.Equal(expected[r][i], actual[r][i], 1e-5);
        }
    }
}

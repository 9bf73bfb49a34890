using Microsoft.ML;
using Microsoft.ML.Data;
using Superposition.Features;
using Superposition.Tests.References;
using Superposition.ToyModels;
using Superposition.Training;
using Xunit;

namespace Superposition.Tests.ToyModels;

public sealed class ToyModelTransformerTests
{
    const int N = 10, D = 3;
    static readonly MLContext Ml = new(seed: 1);
    static readonly SparseFeatureView World = new(new() { Features = N, Density = 0.3, Rows = 2500, Seed = 31 });
    static readonly ToyModelOptions Options = new()
    {
        Dimensions = D,
        Instances = 2,
        Steps = 100,
        BatchSize = 128,
        Seed = 6,
        Optimizer = new AdamWOptions { LearningRate = 1e-2 },
    };

    static readonly ToyModelTransformer Model = Ml.Transforms.ToyModel("Activations", "Features", Options).Fit(World);

    sealed class Input
    {
        [VectorType(N)] public float[] Features { get; set; } = [];
        public bool Label { get; set; }
    }

    sealed class Output
    {
        [VectorType(D)] public float[] Activations { get; set; } = [];
        [VectorType(N)] public float[] Reconstruction { get; set; } = [];
    }

    [Fact]
    public void Activations_and_reconstructions_are_the_references()
    {
        var view = Model.Transform(World);
        var x = new double[2500, N];
        var rows = World.Vectors("Features");
        for (var r = 0; r < rows.Length; r++)
            for (var i = 0; i < N; i++) x[r, i] = rows[r][i];
        var w = new double[N, D];
        for (var i = 0; i < N; i++)
            for (var j = 0; j < D; j++) w[i, j] = Model.Model.W[i, j];
        var reference = new ToyModelReference(w, [.. Model.Model.B.Select(v => (double)v)], new double[N]);
        var (hidden, pre) = (reference.Hidden(x), reference.PreActivations(x));
        var (activations, reconstructions) = (view.Vectors("Activations"), view.Vectors("Reconstruction"));
        for (var r = 0; r < rows.Length; r++)
        {
            for (var j = 0; j < D; j++) Assert.Equal(hidden[r, j], activations[r][j], 1e-5);
            for (var i = 0; i < N; i++) Assert.Equal(Math.Max(0, pre[r, i]), reconstructions[r][i], 1e-5);
        }
    }

    [Fact]
    public void A_prediction_engine_gives_the_numbers_of_the_view()
    {
        using var engine = Ml.Model.CreatePredictionEngine<Input, Output>(Model);
        var view = Model.Transform(World);
        var rows = World.Vectors("Features").Zip(view.Vectors("Activations"), view.Vectors("Reconstruction"));
        foreach (var (x, a, r) in rows.Take(50))
        {
            var predicted = engine.Predict(new() { Features = x });
            AssertClose([a, r], [predicted.Activations, predicted.Reconstruction]);
        }
    }

    [Fact]
    public void Parallel_cursors_give_the_sequential_numbers_in_order()
    {
        var view = Model.Transform(World);
        var parts = view.GetRowCursorSet(view.Schema, 3).Select(c => c.Vectors("Activations")).ToArray();
        AssertClose(view.Vectors("Activations"), [.. parts.SelectMany(p => p).OrderBy(r => r.Batch).Select(r => r.Value)]);
    }

    [Fact]
    public void A_stage_saved_and_loaded_gives_the_same_numbers()
    {
        using var zip = new MemoryStream();
        Ml.Model.Save(Model, World.Schema, zip);
        var loaded = new MLContext(seed: 2).Model.Load(zip, out _).Transform(World);
        var ours = Model.Transform(World);
        AssertClose(ours.Vectors("Activations"), loaded.Vectors("Activations"));
        AssertClose(ours.Vectors("Reconstruction"), loaded.Vectors("Reconstruction"));
    }

    [Fact]
    public void A_chain_with_stock_stages_trains_saves_and_loads()
    {
        // A label that a classifier can find in the activations: is feature 0 or feature 1 active?
        var rows = World.Vectors("Features").Select(x => new Input { Features = x, Label = x[0] > 0 || x[1] > 0 });
        var data = Ml.Data.LoadFromEnumerable(rows.ToArray());
        var chain = Ml.Transforms.ToyModel("Activations", "Features", Options)
            .Append(Ml.Transforms.NormalizeMinMax("Activations"))
            .Append(Ml.BinaryClassification.Trainers.SdcaLogisticRegression("Label", "Activations", maximumNumberOfIterations: 20));
        var model = chain.Fit(data);
        using var zip = new MemoryStream();
        Ml.Model.Save(model, data.Schema, zip);
        var loaded = new MLContext(seed: 2).Model.Load(zip, out _).Transform(data);
        var scored = model.Transform(data);
        AssertClose([[.. scored.GetColumn<float>("Score")]], [[.. loaded.GetColumn<float>("Score")]]);
        AssertClose([[.. scored.GetColumn<float>("Probability")]], [[.. loaded.GetColumn<float>("Probability")]]);
        Assert.True(Ml.BinaryClassification.Evaluate(scored).AreaUnderRocCurve > 0.6);   // 0.5 is chance
    }

    public static TheoryData<string> Architectures => [.. AnyToyModel.Architecture.Keys];

    [Theory]
    [MemberData(nameof(Architectures))]
    public void Every_architecture_is_served_and_saved_as_the_reference_has_it(string name)
    {
        var architecture = AnyToyModel.Architecture[name];
        var target = new Target { Function = architecture.Tied ? TargetFunction.Identity : TargetFunction.Max };
        var options = new ToyModelOptions { Dimensions = D, Seed = 1, Architecture = architecture, Target = target };
        var model = AnyToyModel.Random(options, N, seed: 9);
        var (stage, reference) = (model.ToTransformer("Activations", "Features"), new AnyToyModelReference(model, options));
        using var zip = new MemoryStream();
        Ml.Model.Save(stage, World.Schema, zip);
        var loaded = new MLContext(seed: 2).Model.Load(zip, out _);
        // One row at a time, and as many as a cursor looks ahead.
        foreach (var rows in new[] { 1, 2500 })
        {
            var some = Ml.Data.TakeRows(World, rows);
            var expected = some.Vectors("Features").Select(x => reference.Forward([.. x.Select(v => (double)v)])).ToArray();
            float[][] hidden = [.. expected.Select(e => Single(e.Hidden))], outputs = [.. expected.Select(e => Single(e.Outputs))];
            Assert.Equal(architecture.Tied ? N : N / 2, outputs[0].Length);
            foreach (var view in new[] { stage.Transform(some), loaded.Transform(some) })
            {
                AssertClose(hidden, view.Vectors("Activations"));
                AssertClose(outputs, view.Vectors("Reconstruction"));
            }
        }
        static float[] Single(double[] values) => [.. values.Select(v => (float)v)];
    }

    static void AssertClose(float[][] expected, float[][] found)
    {
        Assert.Equal(expected.Length, found.Length);
        foreach (var (e, f) in expected.Zip(found))
        {
            Assert.Equal(e.Length, f.Length);
            for (var i = 0; i < e.Length; i++) Assert.Equal(e[i], f[i], 1e-5f * (1 + Math.Abs(e[i])));
        }
    }
}

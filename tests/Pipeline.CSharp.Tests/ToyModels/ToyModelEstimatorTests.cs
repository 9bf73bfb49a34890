using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Superposition.DataViews;
using Superposition.Features;
using Superposition.Tests.DataViews;
using Superposition.Tests.References;
using Superposition.ToyModels;
using Superposition.Training;
using Xunit;

namespace Superposition.Tests.ToyModels;

public sealed class ToyModelEstimatorTests
{
    static readonly MLContext Ml = new(seed: 1);
    static readonly SparseFeatureOptions WorldOptions = new()
    {
        Features = 12,
        Density = PerFeature.Of(0.5, 0.4, 0.3, 0.3, 0.2, 0.2, 0.1, 0.1, 0.05, 0.05, 0.03, 0.02),
        Rows = 5000,
        Seed = 21,
    };

    static readonly SparseFeatureView World = new(WorldOptions);
    static readonly ToyModelOptions Options = new()
    {
        Dimensions = 4,
        Instances = 3,
        Steps = 60,
        BatchSize = 64,
        HistoryEvery = 25,
        Seed = 5,
        Importance = PerFeature.Powers(0.9),
        Optimizer = new AdamWOptions { LearningRate = 3e-3, WeightDecay = 0.01 },
    };

    static readonly ToyModelTransformer Trained = Fit(Options);

    public static TheoryData<ToyModelEngine> Engines => [.. Enum.GetValues<ToyModelEngine>()];

    // The whole training again in double precision: the initial weights, the rows of stream j, the reference's gradient and
    // AdamW from its paper. Sixty steps of single precision stay within 1e-4 of it.
    [Theory]
    [MemberData(nameof(Engines))]
    public void Training_is_what_the_double_precision_reference_does(ToyModelEngine engine)
    {
        var trained = Fit(Options with { Engine = engine });
        int n = WorldOptions.Features, d = Options.Dimensions;
        var initial = Initial();
        var importance = Options.Importance.Expand(n);
        for (var k = 0; k < Options.Instances; k++)
        {
            var model = initial[k];
            var (w, b) = (new double[n, d], new double[n]);
            for (var i = 0; i < n * d; i++) w[i / d, i % d] = model.W[i / d, i % d];
            var (stepW, stepB) = (new AdamWReference((AdamWOptions)Options.Optimizer, n * d), new AdamWReference((AdamWOptions)Options.Optimizer, n));
            var (rows, batch) = (RowStream.Of(WorldOptions, k), new float[Options.BatchSize * n]);
            for (var step = 0; step < Options.Steps; step++)
            {
                rows.Fill(step * Options.BatchSize, Options.BatchSize, batch);
                var x = new double[Options.BatchSize, n];
                for (var i = 0; i < batch.Length; i++) x[i / n, i % n] = batch[i];
                var reference = new ToyModelReference(w, b, importance);
                if (step == 0) Assert.Equal(reference.Loss(x), trained.History.Loss[0, k], 1e-5 * reference.Loss(x));
                if (step == Options.Steps - 1) Assert.Equal(reference.Loss(x), trained.History.Loss[3, k], 1e-4 * reference.Loss(x));
                var (gw, gb) = reference.Gradient(x);
                double[] flat = [.. w.Cast<double>()];
                stepW.Step(flat, [.. gw.Cast<double>().Select(v => (float)v)]);
                for (var i = 0; i < flat.Length; i++) w[i / d, i % d] = flat[i];
                stepB.Step(b, [.. gb.Select(v => (float)v)]);
            }
            AssertClose([.. w.Cast<double>()], [.. trained.Instances[k].W.Cast<float>()]);
            AssertClose(b, trained.Instances[k].B);
        }
    }

    [Fact]
    public void The_history_has_the_first_step_every_so_many_and_the_last()
    {
        var history = Trained.History;
        Assert.Equal([1, 25, 50, 60], history.Steps);
        Assert.Equal((4, 3), (history.Loss.GetLength(0), history.Loss.GetLength(1)));
        Assert.Equal((4, 3, 12), (history.Norms.GetLength(0), history.Norms.GetLength(1), history.Norms.GetLength(2)));
        var initial = Initial();
        for (var k = 0; k < 3; k++)
            for (var i = 0; i < 12; i++) Assert.Equal((float)initial[k].Norms()[i], history.Norms[0, k, i]);
    }

    [Fact]
    public void Training_lowers_the_loss()
    {
        var trained = Fit(Options with { Steps = 300, Optimizer = new AdamWOptions { LearningRate = 1e-2 } });
        var (losses, last) = (trained.History.Loss, trained.History.Steps.Length - 1);
        for (var k = 0; k < 3; k++) Assert.True(losses[last, k] < 0.5 * losses[0, k]);
    }

    [Fact]
    public void The_evaluation_loss_is_of_rows_that_nobody_trained_on_and_the_best_has_the_lowest()
    {
        Assert.Equal(Trained.Instances.Min(m => m.Loss), Trained.Model.Loss);
        Assert.Same(Trained.Instances[Trained.Served], Trained.Model);
        // 64 batches of stream −1.
        var rows = 64 * Options.BatchSize;
        var drawn = new float[rows * 12];
        var stream = RowStream.Of(WorldOptions, -1);
        for (var at = 0; at < rows; at += 1000) stream.Fill(at % 5000, Math.Min(1000, rows - at), drawn.AsSpan(at * 12));
        var x = new double[rows, 12];
        for (var i = 0; i < drawn.Length; i++) x[i / 12, i % 12] = drawn[i];
        foreach (var model in Trained.Instances)
        {
            var w = new double[12, 4];
            for (var i = 0; i < 48; i++) w[i / 4, i % 4] = model.W[i / 4, i % 4];
            var loss = new ToyModelReference(w, [.. model.B.Select(v => (double)v)], Options.Importance.Expand(12)).Loss(x);
            Assert.Equal(loss, model.Loss, 1e-5 * loss);
        }
    }

    [Fact]
    public void The_instance_asked_for_is_served()
    {
        var other = (Trained.Served + 1) % 3;
        var served = Fit(Options with { Serve = other });
        Assert.Equal(other, served.Served);
        Assert.Same(served.Instances[other], served.Model);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public void The_log_and_the_listener_hear_of_the_training(ToyModelEngine engine)
    {
        var (ml, lines, listener) = (new MLContext(seed: 1), new List<LoggingEventArgs>(), new Listener());
        ml.Log += (_, line) => lines.Add(line);
        ml.Transforms.ToyModel("Activations", "Features", Options with { Progress = listener, Engine = engine }).Fit(World);
        var told = lines.Where(l => l.Kind == ChannelMessageKind.Info
            && l.RawMessage.StartsWith("toy model: step ", StringComparison.Ordinal)).ToArray();
        Assert.Equal(10, told.Length);
        Assert.StartsWith("toy model: step 60 of 60, loss ", told[^1].RawMessage, StringComparison.Ordinal);
        Assert.Equal(("toy model", 60L, 60L), (listener.Heard[^1].Stage, listener.Heard[^1].Step, listener.Heard[^1].Steps));
        // Of one instance: which of them comes last with the fused engine is a matter of who was faster.
        Assert.Contains(Enumerable.Range(0, 3), k => Math.Abs(Trained.History.Loss[3, k] - listener.Heard[^1].Loss!.Value) < 1e-5);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public void A_training_stops_when_its_token_is_cancelled(ToyModelEngine engine)
    {
        using var source = new CancellationTokenSource();
        var listener = new Listener { OnReport = p => { if (p.Step >= 1) source.Cancel(); } };
        var error = Assert.Throws<OperationCanceledException>(() =>
            Fit(Options with { Steps = 1_000_000, Progress = listener, Cancellation = source.Token, Engine = engine }));
        Assert.Equal(source.Token, error.CancellationToken);
        Assert.InRange(listener.Heard[^1].Step, 1, 1000);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public void A_loss_that_is_not_finite_stops_the_training_and_the_last_good_state_is_kept(ToyModelEngine engine)
    {
        var error = Assert.Throws<DivergenceException<IReadOnlyList<ToyModel>>>(() =>
            Fit(Options with { Engine = engine, Optimizer = new AdamWOptions { LearningRate = 1e30 } }));
        Assert.Equal((2L, 0, 0L), (error.Step, error.Instance, error.LastGoodStep));
        Assert.Contains("step 2", error.Message, StringComparison.Ordinal);
        Assert.Equal("loss", error.Tensor);   // its parameters are large, but numbers
        Assert.Equal(3, error.LastGood.Count);
        AssertFinite(error.LastGood);
        var initial = Initial();
        Assert.Equal(initial[1].W.Cast<float>(), error.LastGood[1].W.Cast<float>());   // step 0 is the initial state
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public void A_loss_that_is_not_finite_after_the_last_step_is_found_too(ToyModelEngine engine)
    {
        var error = Assert.Throws<DivergenceException<IReadOnlyList<ToyModel>>>(() =>
            Fit(Options with { Steps = 1, Engine = engine, Optimizer = new AdamWOptions { LearningRate = 1e30 } }));
        Assert.Equal(1, error.Step);
        AssertFinite(error.LastGood);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public void A_parameter_that_is_not_finite_is_named(ToyModelEngine engine)
    {
        var error = Assert.Throws<DivergenceException<IReadOnlyList<ToyModel>>>(() =>
            Fit(Options with { Steps = 9, Engine = engine, Optimizer = new SgdOptions { LearningRate = 1e300 } }));
        Assert.Equal("W", error.Tensor);
        Assert.Contains("W is not finite", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_shape_promised_before_training_is_the_schema_that_comes_of_it()
    {
        var estimator = Ml.Transforms.ToyModel("Activations", "Features", Options);
        var promised = estimator.GetOutputSchema(SchemaShapes.Of(World.Schema));
        var found = SchemaShapes.Of(Trained.GetOutputSchema(World.Schema));
        Assert.Equal(Describe(found), Describe(promised));
        var error = Assert.Throws<InputDataException>(() =>
            Ml.Transforms.ToyModel("A", "Nothing", Options).GetOutputSchema(SchemaShapes.Of(World.Schema)));
        Assert.Equal(InputDataReason.MissingColumn, error.Reason);
        static string[] Describe(SchemaShape shape) => [.. shape.Select(c => $"{c.Name} {c.Kind} {c.ItemType} {c.IsKey}").Order()];
    }

    [Fact]
    public void A_foreign_view_trains_and_an_empty_one_or_one_with_NaN_is_refused()
    {
        var cached = Ml.Data.Cache(World);
        Assert.All(Ml.Transforms.ToyModel("A", "Features", Options).Fit(cached).Instances, m => Assert.True(double.IsFinite(m.Loss)));
        var estimator = Ml.Transforms.ToyModel("A", "X", Options);
        var empty = Assert.Throws<InputDataException>(() => estimator.Fit(Ml.Data.LoadFromEnumerable(Array.Empty<Row>())));
        Assert.Equal(InputDataReason.Empty, empty.Reason);
        var bad = Assert.Throws<InputDataException>(() => estimator.Fit(Ml.Data.LoadFromEnumerable([new Row { X = [1, float.NaN] }])));
        Assert.Equal(InputDataReason.NotFinite, bad.Reason);
        Assert.Contains("\"X\", row 0, slot 1", bad.Message, StringComparison.Ordinal);
    }

    sealed class Row
    {
        [VectorType(2)] public float[] X { get; set; } = [];
    }

    sealed class Listener : IProgress<TrainingProgress>
    {
        public List<TrainingProgress> Heard { get; } = [];
        public Action<TrainingProgress>? OnReport { get; init; }

        public void Report(TrainingProgress value)
        {
            Heard.Add(value);
            OnReport?.Invoke(value);
        }
    }

    static ToyModelTransformer Fit(ToyModelOptions options) => Ml.Transforms.ToyModel("Activations", "Features", options).Fit(World);

    static void AssertFinite(IReadOnlyList<ToyModel> models) => Assert.All(models, m =>
    {
        Assert.All(m.W.Cast<float>(), v => Assert.True(float.IsFinite(v)));
        Assert.All(m.B, v => Assert.True(float.IsFinite(v)));
    });

    static void AssertClose(double[] expected, float[] found)
    {
        var difference = Math.Sqrt(expected.Zip(found).Sum(v => Math.Pow(v.First - v.Second, 2)));
        Assert.InRange(difference / Math.Sqrt(expected.Sum(v => v * v)), 0, 1e-4);
    }

    static ToyModel[] Initial() =>
        [.. Enumerable.Range(0, Options.Instances).Select(k => InitialWeights.Of(Options, WorldOptions.Features, k))];
}

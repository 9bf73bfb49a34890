using Microsoft.ML;
using Microsoft.ML.Runtime;
using Superposition.Autoencoders;
using Superposition.DataViews;
using Superposition.Training;
using TorchSharp;
using Xunit;

namespace Superposition.Tests.Autoencoders;

public sealed class SparseAutoencoderEstimatorTests
{
    const int D = 5;
    static readonly TopKOptions TopK = new() { Latents = 9, K = 2, Seed = 1, Samples = 2000, BatchSize = 50, HistoryEvery = 7 };
    static readonly L1Options L1 = new()
    {
        Latents = 9, Coefficient = 0.2, Seed = 1, Samples = 2000, BatchSize = 50, HistoryEvery = 7, ResampleEvery = 5, DeadAfter = 100,
    };

    public static TheoryData<SparseAutoencoderOptions> Architectures => new() { TopK, L1 };

    /// <summary>n = d = m: the world's features are orthogonal directions, and the dictionary has room for each.</summary>
    [Fact]
    public void Features_planted_orthogonally_are_each_found_by_a_latent()
    {
        const int n = 16;
        var world = new MLContext().Data.SparseFeatures(new() { Features = n, Density = 0.1, Rows = 1_000_000, Seed = 3 });
        foreach (var options in new SparseAutoencoderOptions[]
        {
            new TopKOptions { Latents = n, K = 4, Seed = 1 },
            new L1Options { Latents = n, Coefficient = 0.05, Seed = 1 },
        })
        {
            var trained = new MLContext().Transforms.SparseAutoencoder("Latents", "Features", options with
            {
                Samples = 400_000,
                BatchSize = 200,
                DeadAfter = 10_000,
                Optimizer = new AdamWOptions { LearningRate = 5e-3 },
            }).Fit(world);
            // Row j of the decoder has norm 1, so its i-th number is the cosine to feature i.
            var best = Enumerable.Range(0, n).Select(i => trained.Autoencoder.Decoder.Rows().Max(row => row[i])).ToArray();
            var last = trained.History.Metrics[^1];
            TestContext.Current.TestOutputHelper!.WriteLine($"{options.GetType().Name}: least cosine {best.Min():F4}, mean "
                + $"{best.Average():F4}; explained variance {last.ExplainedVariance:F3}, L0 {last.L0:F2}");
            Assert.All(best, cosine => Assert.InRange(cosine, 0.95, 1.0001));
        }
    }

    [Theory]
    [MemberData(nameof(Architectures))]
    public void Training_explains_more(SparseAutoencoderOptions options)
    {
        var history = (options with { Samples = 20_000, Optimizer = new AdamWOptions { LearningRate = 3e-3 } })
            .Train(Recorded.View(Recorded.Aside(1, 2000, D, shift: 0))).History.Metrics;
        Assert.InRange(history[^1].ExplainedVariance, history[0].ExplainedVariance + 0.2, 1);
    }

    [Theory]
    [MemberData(nameof(Architectures))]
    public void A_loss_that_is_not_finite_stops_the_training_and_the_last_good_state_is_kept(SparseAutoencoderOptions options)
    {
        var wild = options with { Optimizer = new AdamWOptions { LearningRate = 1e30 } };
        var error = Assert.Throws<DivergenceException<SparseAutoencoder>>(() => wild.Train(View()));
        Assert.Equal((2L, 0L), (error.Step, error.LastGoodStep));
        Assert.Contains("step 2", error.Message, StringComparison.Ordinal);
        Assert.Contains("Lower the learning rate", error.Message, StringComparison.Ordinal);
        Assert.Equal((options with { Samples = 50 }).Still().Train(View()).Autoencoder.Decoder, error.LastGood.Decoder);
    }

    [Theory]
    [MemberData(nameof(Architectures))]
    public void A_last_update_that_is_not_finite_is_found_too(SparseAutoencoderOptions options)
    {
        var wild = options with { Samples = 50, Optimizer = new AdamWOptions { LearningRate = 1e38 } };
        var error = Assert.Throws<DivergenceException<SparseAutoencoder>>(() => wild.Train(View()));
        Assert.Equal((1L, 0L), (error.Step, error.LastGoodStep));
        Assert.True(error.LastGood.IsFinite());
    }

    [Fact]
    public void The_state_that_is_kept_is_that_of_the_last_point_of_the_history()
    {
        // Squares too large for single precision from the 30th step on.
        var rows = Recorded.Normal(1, 2000, D).Select((row, i) => i < 29 * 50 ? row : [.. row.Select(v => v * 1e25f)]).ToArray();
        var error = Assert.Throws<DivergenceException<SparseAutoencoder>>(() => TopK.Train(Recorded.View(rows)));
        Assert.Equal((30L, 27L), (error.Step, error.LastGoodStep));   // step 28 was recorded before its update
        var upTo = (TopK with { Samples = 27 * 50 }).Train(Recorded.View(rows[..(27 * 50)]));
        Assert.Equal(upTo.Autoencoder.Encoder, error.LastGood.Encoder);
        Assert.Equal(upTo.Autoencoder.DecoderBias, error.LastGood.DecoderBias);
    }

    [Theory]
    [MemberData(nameof(Architectures))]
    public void The_log_and_the_listener_hear_of_the_training(SparseAutoencoderOptions options)
    {
        var (ml, lines, listener) = (new MLContext(), new List<LoggingEventArgs>(), new Listener());
        ml.Log += (_, line) => lines.Add(line);
        var trained = (options with { Progress = listener }).Train(View(), ml);
        var told = lines.Where(l => l.Kind == ChannelMessageKind.Info
            && l.RawMessage.StartsWith("sparse autoencoder: step ", StringComparison.Ordinal)).ToArray();
        Assert.Equal(10, told.Length);
        Assert.StartsWith("sparse autoencoder: step 40 of 40, loss ", told[^1].RawMessage, StringComparison.Ordinal);
        Assert.Equal((1L, 40L, 40L), (listener.Heard[0].Step, listener.Heard[^1].Step, listener.Heard[^1].Steps));
        Assert.Equal(trained.History.Metrics[^1].Loss, listener.Heard[^1].Loss);
    }

    [Fact]
    public void Whoever_listens_changes_no_weight()
    {
        var quiet = TopK.Train(View()).Autoencoder;
        using var source = new CancellationTokenSource();
        var watched = (TopK with { Progress = new Listener(), Cancellation = source.Token, HistoryEvery = 1 }).Train(View()).Autoencoder;
        Assert.Equal(quiet.Encoder, watched.Encoder);
        Assert.Equal(quiet.DecoderBias, watched.DecoderBias);
    }

    [Theory]
    [MemberData(nameof(Architectures))]
    public void A_training_stops_when_its_token_is_cancelled(SparseAutoencoderOptions options)
    {
        using var source = new CancellationTokenSource();
        var listener = new Listener { OnReport = _ => source.Cancel() };
        var error = Assert.Throws<OperationCanceledException>(() =>
            (options with { Samples = 100_000_000, Progress = listener, Cancellation = source.Token }).Train(View()));
        Assert.Equal(source.Token, error.CancellationToken);
        Assert.Single(listener.Heard);
    }

    [Fact]
    public void Data_that_cannot_be_trained_on_are_refused_with_what_was_expected_and_where()
    {
        Assert.Equal(InputDataReason.Empty, Assert.Throws<InputDataException>(() => TopK.Train(Recorded.View([]))).Reason);

        float[][] rows = Recorded.Normal(1, 200, D);
        rows[123][3] = float.NaN;
        var notFinite = Assert.Throws<InputDataException>(() => TopK.Train(Recorded.View(rows)));
        Assert.Equal(InputDataReason.NotFinite, notFinite.Reason);
        Assert.Contains("\"Activations\", row 123, slot 3", notFinite.Message, StringComparison.Ordinal);

        InputDataReason Reason(string column) => Assert.Throws<InputDataException>(() =>
            new MLContext().Transforms.SparseAutoencoder("Latents", column, TopK).Fit(View())).Reason;
        Assert.Equal(InputDataReason.MissingColumn, Reason("Activation"));
        Assert.Equal(InputDataReason.WrongType, Reason("Tag"));
    }

    [Fact]
    public void A_single_row_can_be_trained_on_again_and_again_by_itself()
    {
        var trained = (TopK with { BatchSize = 1 }).Train(Recorded.View([[1, 2, 3, 4, 5]]));
        Assert.True(trained.Autoencoder.IsFinite());
        for (var i = 0; i < D; i++) Assert.Equal(1 + i, trained.Autoencoder.DecoderBias[i], 1e-5);
    }

    [Fact]
    public void Rows_that_are_all_alike_are_refused() => Assert.Equal(
        InputDataReason.Constant,
        Assert.Throws<InputDataException>(() => TopK.Train(Recorded.View([[1, 2, 3, 4, 5], [1, 2, 3, 4, 5]]))).Reason);

    [Fact]
    public void As_many_tensors_live_after_a_training_as_before_whichever_way_it_ended()
    {
        var before = LiveTensors();
        foreach (SparseAutoencoderOptions options in new SparseAutoencoderOptions[] { TopK with { DeadAfter = 100 }, L1 })
        {
            options.Train(View());
            Assert.Equal(before, LiveTensors());
            using var source = new CancellationTokenSource();
            source.Cancel();
            Assert.Throws<OperationCanceledException>(() => (options with { Cancellation = source.Token }).Train(View()));
            Assert.ThrowsAny<DivergenceException>(() => (options with { Optimizer = new AdamWOptions { LearningRate = 1e30 } }).Train(View()));
            Assert.Throws<InputDataException>(() => options.Train(Recorded.View([[1, 2, float.NaN, 4, 5]])));
            Assert.Equal(before, LiveTensors());
        }
    }

    [Fact]
    public void A_longer_training_holds_no_more_tensors_on_its_way()
    {
        var seen = new List<long>();
        var listener = new Listener { OnReport = _ => seen.Add(LiveTensors()) };
        (TopK with { Samples = 30_000, Progress = listener, AuxiliaryCoefficient = 0 }).Train(View());
        Assert.Equal(seen[0], seen[^1]);
    }

    // Of this thread, which trains: what runs beside is not counted, nor is what the collector would find one day.
    static long LiveTensors() => DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;

    static IDataView View() => Recorded.View(Recorded.Normal(1, 500, D));

    // System.Progress would call back on other threads.
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
}

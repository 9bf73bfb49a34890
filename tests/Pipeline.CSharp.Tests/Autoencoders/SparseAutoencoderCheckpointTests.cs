using System.Text.Json;
using Microsoft.ML;
using Superposition.Autoencoders;
using Superposition.DataViews;
using Superposition.Storage;
using Superposition.Tests.Storage;
using Superposition.Training;
using Xunit;

namespace Superposition.Tests.Autoencoders;

public sealed class SparseAutoencoderCheckpointTests : IDisposable
{
    const int Steps = 40, Batch = 16;

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    string Checkpoints => folder["checkpoints"];

    public static TheoryData<string> Kinds => [.. All.Keys];

    // One of each kind of memory: none, a threshold, a controller, a ring of penalties; either engine, either optimiser; scaled or not.
    static readonly Dictionary<string, SparseAutoencoderOptions> All = new()
    {
        ["topk"] = new TopKOptions { Latents = 12, Seed = 3, K = 2 },
        ["batchTopK, scaled"] = new BatchTopKOptions { Latents = 12, Seed = 3, K = 2, NormalizeActivations = true, GradientClip = 1 },
        ["jumpRelu towards an L0"] = new JumpReluOptions { Latents = 12, Seed = 3, TargetL0 = 2, InitialThreshold = 0.1, Coefficient = 0.05 },
        ["pAnnealing"] = new PAnnealingOptions { Latents = 12, Seed = 3, Coefficient = 0.1, ResampleEvery = 7 },
        ["gated, autograd"] = new GatedOptions { Latents = 12, Seed = 3, Coefficient = 0.1, Engine = SparseAutoencoderEngine.Autograd },
        ["l1, momentum"] = new L1Options { Latents = 12, Seed = 3, Coefficient = 0.1, Optimizer = new SgdOptions { LearningRate = 0.01, Momentum = 0.9 } },
        ["matchingPursuit"] = new MatchingPursuitOptions { Latents = 12, Seed = 3, Iterations = 2 },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_training_that_was_stopped_goes_on_bit_by_bit(string kind)
    {
        var options = All[kind] with { Samples = Steps * Batch, BatchSize = Batch, DeadAfter = 64, HistoryEvery = 3 };
        var rows = Recorded.Normal(seed: 1, rows: Steps * Batch, dimensions: 6);
        var view = Recorded.View(rows);
        var whole = SparseAutoencoderSet.Train(view, "Activations", [options])[0];
        foreach (var stop in new[] { 1, 17, Steps - 1 })
        {
            LeaveCheckpoint(rows, options, stop);
            AssertSame(whole, SparseAutoencoderSet.Train(view, "Activations", [options], Checkpoints)[0]);
            Assert.False(Directory.Exists(Checkpoints));
        }
    }

    [Fact]
    public void A_training_that_is_cancelled_leaves_a_checkpoint_in_the_middle_of_a_round_of_shuffled_rows()
    {
        var options = All["batchTopK, scaled"] with { Samples = Steps * Batch, BatchSize = Batch };
        var view = Recorded.View(Recorded.Normal(seed: 1, rows: 11, dimensions: 6), shuffles: true);   // a step is a round and a half
        var whole = SparseAutoencoderSet.Train(view, "Activations", [options])[0];
        using var source = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => SparseAutoencoderSet.Train(
            view, "Activations", [options with { Cancellation = source.Token, Progress = new CancelAtOnce(source) }], Checkpoints));
        Assert.True(Directory.Exists(Checkpoints));
        AssertSame(whole, SparseAutoencoderSet.Train(view, "Activations", [options], Checkpoints)[0]);
    }

    [Fact]
    public void One_that_diverged_stays_so_and_the_others_go_on_bit_by_bit()
    {
        SparseAutoencoderOptions[] all =
        [
            All["topk"] with { Samples = Steps * Batch, BatchSize = Batch },
            All["l1, momentum"] with { Samples = Steps * Batch, BatchSize = Batch, Optimizer = new AdamWOptions { LearningRate = 1e30 } },
        ];
        var view = Recorded.View(Recorded.Normal(seed: 1, rows: 50, dimensions: 6), shuffles: true);
        var whole = Diverging(all);
        using var source = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => SparseAutoencoderSet.Train(
            view, "Activations", [all[0] with { Cancellation = source.Token }, all[1]], Checkpoints, new(7 * Batch, (_, _) => source.Cancel())));
        Assert.True(Directory.Exists(Checkpoints));
        var resumed = Diverging(all);
        Assert.Equal((whole.Message, whole.Tensor), (resumed.Message, resumed.Tensor));
        foreach (var (expected, found) in whole.LastGood.Zip(resumed.LastGood)) AssertSame(expected, found);

        DivergenceException<IReadOnlyList<TrainedAutoencoder>> Diverging(SparseAutoencoderOptions[] all) =>
            Assert.Throws<DivergenceException<IReadOnlyList<TrainedAutoencoder>>>(() => SparseAutoencoderSet.Train(view, "Activations", all, Checkpoints));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_load_that_fails_changes_nothing(string kind)
    {
        var options = All[kind] with { Samples = Steps * Batch, BatchSize = Batch };
        using var here = Training();
        using var there = Training();
        Step(here, from: 1, to: 5);
        Step(there, from: 1, to: 9);
        var before = here.Save().ToArray();
        var saved = there.Save().ToArray();
        foreach (var (t, (name, values)) in saved.Index())
        {
            var missing = Assert.Throws<SafetensorsException>(() => here.Load(Saved([.. saved[..t], .. saved[(t + 1)..]])));
            Assert.Equal(SafetensorsReason.TensorMissing, missing.Reason);
            Assert.Contains(name, missing.Message, StringComparison.Ordinal);
            if (name == "history.steps") continue;   // as many as there are
            var longer = StoredArray.OfBytes(values.Type, new byte[(values.Count + 1) * values.Type.Size()], values.Count + 1);
            Assert.Equal(SafetensorsReason.ShapeUnexpected,
                Assert.Throws<SafetensorsException>(() => here.Load(Saved([.. saved[..t], new(name, longer), .. saved[(t + 1)..]]))).Reason);
        }
        AssertState(before, here);
        here.Load(Saved(saved))();
        AssertState(saved, here);

        SparseAutoencoderTraining Training() => new(options, new float[6], new float[6], scale: 1);
        SavedTraining Saved(KeyValuePair<string, StoredArray>[] tensors) => new(9, new("checkpoint", new(tensors), new Dictionary<string, string>()));
        static void Step(SparseAutoencoderTraining training, int from, int to)
        {
            for (var step = from; step <= to; step++)
            {
                using var x = TorchSharp.torch.tensor(Recorded.Normal(step, Batch, 6).SelectMany(row => row).ToArray(), Batch, 6);
                training.Step(x, x, step);
            }
        }
        static void AssertState(KeyValuePair<string, StoredArray>[] expected, SparseAutoencoderTraining found)
        {
            var all = found.Save().ToArray();
            Assert.Equal(expected.Select(tensor => tensor.Key), all.Select(tensor => tensor.Key));
            foreach (var ((_, a), (_, b)) in expected.Zip(all)) Assert.Equal(a.Bytes.ToArray(), b.Bytes.ToArray());
        }
    }

    [Fact]
    public void A_checkpoint_of_another_recipe_is_refused()
    {
        var rows = Recorded.Normal(seed: 1, rows: Steps * Batch, dimensions: 6);
        var options = All["topk"] with { Samples = Steps * Batch, BatchSize = Batch };
        LeaveCheckpoint(rows, options, stop: 3);
        var other = Assert.Throws<RunFolderException>(
            () => SparseAutoencoderSet.Train(Recorded.View(rows), "Activations", [options with { Seed = 4 }], Checkpoints));
        Assert.Equal(RunFolderReason.OtherRecipe, other.Reason);
    }

    // As a training does that fails on its way: here a row after the checkpoint is not a number.
    void LeaveCheckpoint(float[][] rows, SparseAutoencoderOptions options, int stop)
    {
        float[][] broken = [.. rows];
        broken[stop * Batch] = [float.NaN, 0, 0, 0, 0, 0];
        var progress = new ProgressReporter("sparse autoencoder", options.Steps, null, null, default);
        // Scaling looks at all rows first, and would find it before the training does.
        var view = options.NormalizeActivations ? new LateView(Recorded.View(rows), Recorded.View(broken)) : Recorded.View(broken);
        Assert.Throws<InputDataException>(() => SparseAutoencoderSet.Train(
            view, "Activations", [options], new Checkpoint(Checkpoints, JsonSerializer.Serialize(new[] { options }, OptionsJson.Settings), new() { EverySteps = stop, Keep = 1 }), watch: null, progress));
        Assert.True(Directory.Exists(Checkpoints));
    }

    /// <summary>One view for whoever reads it a second time, another for the first.</summary>
    sealed class LateView(IDataView later, IDataView first) : IDataView
    {
        int cursors;
        public DataViewSchema Schema => first.Schema;
        public bool CanShuffle => false;
        public long? GetRowCount() => first.GetRowCount();
        public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
            (cursors++ == 0 ? first : later).GetRowCursor(columnsNeeded.Select(c => (cursors == 1 ? first : later).Schema[c.Name]), rand);
        public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
            [GetRowCursor(columnsNeeded, rand)];
    }

    sealed class CancelAtOnce(CancellationTokenSource source) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => source.Cancel();
    }

    static void AssertSame(TrainedAutoencoder expected, TrainedAutoencoder found)
    {
        Assert.Equal(expected.Autoencoder.Encoder, found.Autoencoder.Encoder);
        Assert.Equal(expected.Autoencoder.EncoderBias, found.Autoencoder.EncoderBias);
        Assert.Equal(expected.Autoencoder.Decoder, found.Autoencoder.Decoder);
        Assert.Equal(expected.Autoencoder.DecoderBias, found.Autoencoder.DecoderBias);
        Assert.Equal(expected.Autoencoder.Firing, found.Autoencoder.Firing);
        Assert.Equal(expected.Autoencoder.Activation.Vectors.Select(v => v.Values), found.Autoencoder.Activation.Vectors.Select(v => v.Values));
        Assert.Equal(expected.History.Steps, found.History.Steps);
        Assert.Equal(expected.History.Metrics, found.History.Metrics);
    }
}

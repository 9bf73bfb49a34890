using System.Runtime.InteropServices;
using Microsoft.ML;
using Superposition.DataViews;
using Superposition.Native;
using Superposition.Storage;
using Superposition.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Superposition.Autoencoders;

/// <summary>
/// The loop that all architectures share: several autoencoders over one pass of the data, each as if it were alone.
/// </summary>
/// <param name="all">The autoencoders; they agree in samples, batch size, seed and target.</param>
/// <param name="view">The data.</param>
/// <param name="column">Activations in it.</param>
/// <param name="progress">Told of each step.</param>
internal sealed class SparseAutoencoderTrainer(IReadOnlyList<SparseAutoencoderOptions> all, IDataView view, string column, ProgressReporter progress)
{
    /// <summary>Batches that the mean norm of activations is taken over, at most.</summary>
    const int NormBatches = 100;

    readonly SparseAutoencoderOptions first = all[0];
    readonly int width = SourceColumn.Find(view.Schema, column).Width;
    readonly int targetWidth = all[0].Target is { } target ? SourceColumn.Find(view.Schema, target).Width : 0;

    /// <summary>Trains, from a checkpoint where it holds one, and leaves one from time to time, which is the caller's to delete.</summary>
    public IReadOnlyList<TrainedAutoencoder> Train(Checkpoint? checkpoint, TrainingWatch? watch)
    {
        first.Cancellation.ThrowIfCancellationRequested();   // before there is anything to leave behind
        TorchLibrary.EnsureLoaded();
        using var scope = NewDisposeScope();
        using var feed = Feed();
        var (x, target, batch) = Buffers();
        Fill(batch, feed);   // the first batch gives the data's mean, and is trained on as any other
        CheckVaries(x);
        var (inputMean, targetMean) = (x.mean([0]).ToSingles(), target.mean([0]).ToSingles());
        var scale = all.Any(options => options.NormalizeActivations) ? MeanNormScale(batch, x) : 1;
        SparseAutoencoderTraining[] trainings =
            [.. all.Select(options => new SparseAutoencoderTraining(options, inputMean, targetMean, options.NormalizeActivations ? scale : 1))];
        try
        {
            var done = Resume(trainings, checkpoint?.Newest());
            if (done > 0) feed.Skip((done - 1) * first.BatchSize);
            for (var step = done + 1; step <= first.Steps; step++)
            {
                if (step > 1) Fill(batch, feed);
                var loss = double.NaN;
                foreach (var training in trainings.Where(training => training.Diverged is null)) loss = training.Step(x, target, step);
                if (Array.TrueForAll(trainings, training => training.Diverged is not null)) break;
                try
                {
                    progress.Step(step, loss);
                }
                catch (OperationCanceledException)
                {
                    checkpoint?.Save(step, Save(trainings));
                    throw;
                }
                if (step == first.Steps) break;   // what it came to follows
                if (checkpoint?.IsDue(step) == true) checkpoint.Save(step, Save(trainings));
                var samples = step * first.BatchSize;
                if (watch is not null && samples / watch.Every > (samples - first.BatchSize) / watch.Every)
                    watch.Observe(samples, [.. trainings.Select(training => training.Result(step))]);
            }
            return [.. trainings.Select(training => new TrainedAutoencoder(training.Result(first.Steps), training.History) { Divergence = training.Diverged })];
        }
        finally
        {
            foreach (var training in trainings) training.Dispose();
        }
    }

    static long Resume(SparseAutoencoderTraining[] trainings, SavedTraining? saved)
    {
        if (saved is null) return 0;
        foreach (var load in trainings.Select((training, t) => training.Load(saved.Part($"{t}."))).ToArray()) load();   // all is read before anything is changed
        return saved.Step;
    }

    static IEnumerable<KeyValuePair<string, StoredArray>> Save(SparseAutoencoderTraining[] trainings) =>
        trainings.SelectMany((training, t) => training.Save().Select(tensor => KeyValuePair.Create($"{t}.{tensor.Key}", tensor.Value)));

    RowFeed Feed() => first.Target is { } target
        ? new ViewFeed(view, [column, target], first.Seed)
        : RowFeed.Of(view, column, stream: 0, first.Seed);

    // x, y and what a feed fills: one tensor with both side by side, or just x.
    (Tensor X, Tensor Target, Tensor Batch) Buffers()
    {
        var batch = empty(first.BatchSize, width + targetWidth);
        return targetWidth == 0 ? (batch, batch, batch) : (batch.narrow(1, 0, width), batch.narrow(1, width, targetWidth), batch);
    }

    // √d / mean ‖x‖, as SAELens' expected_average_only_in.
    double MeanNormScale(Tensor batch, Tensor x)
    {
        using var feed = Feed();
        using var kept = batch.clone();
        var batches = (int)Math.Min(NormBatches, first.Steps);
        var sum = 0.0;
        for (var b = 0; b < batches; b++)
        {
            Fill(batch, feed);
            using var inner = NewDisposeScope();
            sum += x.norm(dim: 1).mean().ToDouble();
        }
        batch.copy_(kept);
        return sum > 0
            ? Math.Sqrt(width) * batches / sum
            : throw new InputDataException(InputDataReason.Constant, $"Column \"{column}\" is 0 on every row; there is no norm to scale it by.");
    }

    void CheckVaries(Tensor x)
    {
        if (x.shape[0] == 1) return;   // one row tells nothing
        using var inner = NewDisposeScope();
        if (!(x - x.narrow(0, 0, 1)).any().item<bool>())
            throw new InputDataException(InputDataReason.Constant,
                $"Column \"{column}\": expected rows that differ, found the first {x.shape[0]} all alike. There is nothing to learn from them.");
    }

    static void Fill(Tensor batch, RowFeed feed) => feed.Next(MemoryMarshal.Cast<byte, float>(batch.bytes));
}

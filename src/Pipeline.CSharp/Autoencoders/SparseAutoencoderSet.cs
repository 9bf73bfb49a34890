using System.Text.Json;
using Microsoft.ML;
using Superposition.DataViews;
using Superposition.Training;

namespace Superposition.Autoencoders;

/// <summary>An autoencoder and the course of its training.</summary>
/// <param name="Autoencoder">The weights.</param>
/// <param name="History">How it went.</param>
public sealed record TrainedAutoencoder(SparseAutoencoder Autoencoder, SparseAutoencoderHistory History)
{
    /// <summary>Why this is no more than its last good state; null where it was trained to its end.</summary>
    internal Divergence? Divergence { get; init; }
}

/// <summary>Told how autoencoders are on their way.</summary>
/// <param name="samples">Rows they were trained on.</param>
/// <param name="autoencoders">As they are now.</param>
public delegate void AutoencodersSoFar(long samples, IReadOnlyList<SparseAutoencoder> autoencoders);

/// <summary>When to look at a training that is under way.</summary>
/// <param name="Every">Rows between two looks; at least 1.</param>
/// <param name="Observe">Told at the first step that is done with so many.</param>
public sealed record TrainingWatch(long Every, AutoencodersSoFar Observe);

/// <summary>
/// Several autoencoders trained over one pass of the data, which a comparison of architectures or of seeds wants: what a batch costs to make
/// is paid once. Each is what it would be alone on those rows.
/// </summary>
public static class SparseAutoencoderSet
{
    /// <summary>Trains all of them on a column of activations [d].</summary>
    /// <param name="view">The data. The order of its rows follows from the first one's seed.</param>
    /// <param name="column">Activations in it.</param>
    /// <param name="all">At least one; they agree in samples, batch size and target column.</param>
    /// <param name="checkpoint">A folder that the training is saved to from time to time and when it is cancelled, and goes on from if it is there.</param>
    /// <param name="watch">When to look at them on their way, and who does.</param>
    /// <exception cref="OptionsException">The options cannot be used, or not together; every problem is named.</exception>
    /// <exception cref="InputDataException">The view's column is missing, of another type, empty, constant, or not finite.</exception>
    /// <exception cref="DivergenceException{TState}">A loss stopped being finite; the others were trained to their end, and the exception carries
    /// all, that one in its last good state.</exception>
    /// <exception cref="OperationCanceledException">The first one's token was cancelled.</exception>
    /// <exception cref="Storage.StorageException">The checkpoint cannot be written, is damaged, or was left by another training.</exception>
    public static IReadOnlyList<TrainedAutoencoder> Train(
        IDataView view, string column, IReadOnlyList<SparseAutoencoderOptions> all, string? checkpoint = null, TrainingWatch? watch = null)
    {
        var saved = checkpoint is null ? null : new Checkpoint(checkpoint, JsonSerializer.Serialize(all, OptionsJson.Settings));
        var trained = Train(view, column, all, saved, watch,
            new("sparse autoencoder", all.Count == 0 ? 0 : all[0].Steps, null, all.FirstOrDefault()?.Progress, all.FirstOrDefault()?.Cancellation ?? default));
        foreach (var (a, one) in trained.Index())
            if (one.Divergence is { } divergence)
                throw new DivergenceException<IReadOnlyList<TrainedAutoencoder>>("sparse autoencoder", divergence, a, trained);
        saved?.Delete();
        return trained;
    }

    internal static IReadOnlyList<TrainedAutoencoder> Train(
        IDataView view, string column, IReadOnlyList<SparseAutoencoderOptions> all, Checkpoint? checkpoint, TrainingWatch? watch,
        ProgressReporter progress)
    {
        OptionsException.ThrowIfAny(nameof(SparseAutoencoderSet), Problems(all));
        foreach (var options in all) OptionsException.ThrowIfAny(options.GetType().Name, options.Problems());
        return new SparseAutoencoderTrainer(all, view, column, progress).Train(checkpoint, watch);
    }

    static IEnumerable<string> Problems(IReadOnlyList<SparseAutoencoderOptions> all)
    {
        if (all.Count == 0) yield return "There are no autoencoders; name at least one.";
        if (all.Select(options => options.Samples).Distinct().Count() > 1) yield return "Samples differ; autoencoders that share a pass see the same rows.";
        if (all.Select(options => options.BatchSize).Distinct().Count() > 1) yield return "BatchSize differs; autoencoders that share a pass see the same batches.";
        if (all.Select(options => options.Target).Distinct().Count() > 1) yield return "Target columns differ; train those apart.";
    }
}

using Microsoft.ML;
using Superposition.Activations;
using Superposition.Autoencoders;
using Superposition.Training;

namespace Superposition.Sweeps;

/// <summary>Cells of autoencoders, one after another, each with all cores; those that follow each other on the same activations open them once.</summary>
sealed class AutoencoderCells : CellTrainer
{
    const string Column = "Activations";
    const long EvaluatedRows = 10_240;

    (ActivationSource Source, IDataView View)? opened;

    /// <summary>
    /// Of <see cref="SparseAutoencoderEvaluation"/> on the first rows of the activations, of a world on rows that nobody trains on; and the share of
    /// latents that were dead when the training ended.
    /// </summary>
    public override IReadOnlyList<string> Measures => ["squared_error", "explained_variance", "l0", "dead"];

    public override int Batch => 1;   // a cell may take hours: it is recorded when it is done

    public override IReadOnlyList<CellOutcome> Train(
        IReadOnlyList<TrainingRecipe> recipes, Func<int, Checkpoint> checkpoint, CancellationToken cancellation) =>
        [.. recipes.Cast<SparseAutoencoderRecipe>().Select((recipe, c) => Train(recipe, checkpoint(c), cancellation))];

    CellOutcome Train(SparseAutoencoderRecipe recipe, Checkpoint checkpoint, CancellationToken cancellation)
    {
        var view = Open(recipe.Activations, cancellation);
        var options = recipe.Autoencoder with { Cancellation = cancellation };
        var progress = new ProgressReporter("sparse autoencoder", options.Steps, channel: null, listener: null, cancellation);
        var trained = SparseAutoencoderSet.Train(view, Column, [options], checkpoint, watch: null, progress)[0];
        if (trained.Divergence is { } divergence)
            throw new DivergenceException<SparseAutoencoder>("sparse autoencoder", divergence, 0, trained.Autoencoder);
        var evaluation = SparseAutoencoderEvaluation.Of(
            trained.Autoencoder, view, Column, EvaluatedRows, options.Target, cancellation: cancellation);
        double[] measured = [evaluation.SquaredError, evaluation.ExplainedVariance, evaluation.L0, trained.History.Metrics[^1].DeadFraction];
        return new([.. measured.Select(value => double.IsFinite(value) ? value : (double?)null)]);
    }

    IDataView Open(ActivationSource source, CancellationToken cancellation)
    {
        if (opened is { } last && last.Source == source) return last.View;
        Dispose();
        var view = source.Open(new MLContext(), progress: null, cancellation);
        opened = (source, view);
        return view;
    }

    public override void Dispose()
    {
        (opened?.View as IDisposable)?.Dispose();
        opened = null;
    }
}

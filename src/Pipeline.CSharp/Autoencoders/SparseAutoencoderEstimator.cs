using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Superposition.DataViews;
using Superposition.Training;

namespace Superposition.Autoencoders;

/// <summary>Trains a sparse autoencoder on a column of activations; the options' type names the architecture.</summary>
public sealed class SparseAutoencoderEstimator : IEstimator<SparseAutoencoderTransformer>
{
    readonly IHostEnvironment environment;
    readonly string output, input;
    readonly SparseAutoencoderOptions options;

    internal SparseAutoencoderEstimator(
        IHostEnvironment environment, string output, string input, SparseAutoencoderOptions options)
    {
        SourceColumn.CheckNames("SparseAutoencoder", input, options.ReconstructionColumn is { } reconstruction ? [output, reconstruction] : [output]);
        (this.environment, this.output, this.input, this.options) = (environment, output, input, options);
    }

    /// <summary>Where the training is saved from time to time; null for nowhere.</summary>
    internal Checkpoint? Checkpoint { get; init; }

    /// <summary>Who looks at the training on its way; null for nobody.</summary>
    internal TrainingWatch? Watch { get; init; }

    /// <summary>Trains.</summary>
    /// <exception cref="OptionsException">The options cannot be used; every problem is named.</exception>
    /// <exception cref="InputDataException">The view's column is missing, of another type, empty, or not finite.</exception>
    /// <exception cref="DivergenceException">The loss stopped being finite; the exception carries the last good state.</exception>
    /// <exception cref="OperationCanceledException">The options' token was cancelled.</exception>
    public SparseAutoencoderTransformer Fit(IDataView input)
    {
        SourceColumn.Find(input.Schema, this.input);
        using var channel = environment.Start("SparseAutoencoder");
        var progress = new ProgressReporter("sparse autoencoder", options.Steps, channel, options.Progress, options.Cancellation);
        var trained = SparseAutoencoderSet.Train(input, this.input, [options], Checkpoint, Watch, progress)[0];
        if (trained.Divergence is { } divergence) throw new DivergenceException<SparseAutoencoder>("sparse autoencoder", divergence, 0, trained.Autoencoder);
        return new(output, this.input, options.ReconstructionColumn, trained.Autoencoder, trained.History);
    }

    /// <inheritdoc/>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        SourceColumn.Check(inputSchema, input);
        return inputSchema.With(options.ReconstructionColumn is { } reconstruction ? [output, reconstruction] : [output]);
    }

    /// <inheritdoc cref="ToyModels.ToyModelEstimator.Append{TNext}"/>
    public EstimatorChain<TNext> Append<TNext>(IEstimator<TNext> next) where TNext : class, ITransformer =>
        LearningPipelineExtensions.Append(this, next);
}

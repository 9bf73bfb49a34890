using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Superposition.DataViews;
using Superposition.Training;

namespace Superposition.ToyModels;

/// <summary>Trains toy models on a column of features; see <see cref="ToyModelOptions"/>.</summary>
public sealed class ToyModelEstimator : IEstimator<ToyModelTransformer>
{
    readonly IHostEnvironment environment;
    readonly string output, input;
    readonly ToyModelOptions options;

    internal ToyModelEstimator(IHostEnvironment environment, string output, string input, ToyModelOptions options)
    {
        SourceColumn.CheckNames("ToyModel", input, output, ToyModelTransformer.ReconstructionColumn);
        (this.environment, this.output, this.input, this.options) = (environment, output, input, options);
    }

    /// <summary>Where the training is saved from time to time, and goes on from; null for nowhere.</summary>
    internal Checkpoint? Checkpoint { get; init; }

    /// <summary>Trains all instances.</summary>
    /// <exception cref="OptionsException">The options cannot be used; every problem is named.</exception>
    /// <exception cref="InputDataException">The view's column is missing, of another type, empty, or not finite.</exception>
    /// <exception cref="DivergenceException">An instance's loss stopped being finite; the others were trained to their end, and the exception
    /// carries all, that one in its last good state.</exception>
    /// <exception cref="OperationCanceledException">The options' token was cancelled.</exception>
    public ToyModelTransformer Fit(IDataView input)
    {
        var (_, features) = SourceColumn.Find(input.Schema, this.input);
        OptionsException.ThrowIfAny(nameof(ToyModelOptions), options.Problems(features));
        using var channel = environment.Start("ToyModel");
        var progress = new ProgressReporter("toy model", options.Steps, channel, options.Progress, options.Cancellation);
        var (models, history) = new ToyModelTrainer(options, input, this.input, features, progress, Checkpoint).Train();
        return new(output, this.input, history.All(models), history.ToHistory(), options.Serve);
    }

    /// <inheritdoc/>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        SourceColumn.Check(inputSchema, input);
        return inputSchema.With([output, ToyModelTransformer.ReconstructionColumn]);
    }

    /// <summary>This stage followed by another. An instance method, so that F#, which sees no covariance, chains without casts.</summary>
    public EstimatorChain<TNext> Append<TNext>(IEstimator<TNext> next) where TNext : class, ITransformer =>
        LearningPipelineExtensions.Append(this, next);
}

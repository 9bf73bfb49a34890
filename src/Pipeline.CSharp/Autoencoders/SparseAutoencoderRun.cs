using System.Text.Json;
using Microsoft.ML;
using Superposition.DataViews;
using Superposition.Storage;
using Superposition.Training;

namespace Superposition.Autoencoders;

/// <summary>
/// An autoencoder's training in a run folder: <c>sae.safetensors</c> (W_enc [d, m], b_enc [m], W_dec [m, d′], b_dec [d′] and what else it
/// has, named as SAELens does, with the activation in the metadata) and <c>metrics.csv</c> (step, loss, squared_error,
/// explained_variance, l0, dead).
/// </summary>
public sealed record SparseAutoencoderRun(
    SparseAutoencoderRecipe Recipe, SparseAutoencoder Autoencoder, SparseAutoencoderHistory History)
{
    const string Weights = "sae.safetensors", Metrics = "metrics.csv";

    /// <summary>Trains as the recipe says and leaves the run in a folder; a training that diverges leaves its last good state, marked so, and one that is stopped a checkpoint beside
    /// the folder, in <c>.NAME.checkpoint</c>, that it goes on from if asked to resume.</summary>
    /// <exception cref="OptionsException">The recipe cannot be used.</exception>
    /// <exception cref="InputDataException">The activations cannot be used.</exception>
    /// <exception cref="StorageException">The folder cannot be written, or is taken, or the source cannot be read.</exception>
    /// <exception cref="DivergenceException">The loss stopped being finite; the folder holds the last good state.</exception>
    public static SparseAutoencoderRun Train(
        SparseAutoencoderRecipe recipe, string path, bool overwrite = false, MLContext? context = null, bool resume = false,
        TrainingWatch? watch = null, CheckpointOptions? checkpoints = null)
    {
        var ml = context ?? new MLContext();
        OptionsException.ThrowIfAny(recipe.Autoencoder.GetType().Name, recipe.Autoencoder.Problems());
        var activations = recipe.Activations.Open(ml, recipe.Autoencoder.Progress, recipe.Autoencoder.Cancellation);
        using var opened = activations as IDisposable;
        var checkpoint = Checkpoint.Beside(path, JsonSerializer.Serialize(recipe, OptionsJson.Settings), checkpoints);
        // Stopped after it was done, before anybody was told.
        if (resume && !overwrite && RunFolder.Holds(path, RunKind.Sae, JsonSerializer.SerializeToElement(recipe, OptionsJson.Settings)))
        {
            RunFolderWriter.Sweep(path);
            checkpoint.Delete();
            return Read(path);
        }
        using var folder = new RunFolderWriter(path, overwrite);
        try
        {
            if (!resume) checkpoint.Delete();
            var estimator = new SparseAutoencoderEstimator(ml.Transforms.Environment(), "Latents", "Activations", recipe.Autoencoder) { Checkpoint = checkpoint, Watch = watch };
            var fitted = estimator.Fit(activations);
            var run = new SparseAutoencoderRun(recipe, fitted.Autoencoder, fitted.History);
            checkpoint.Finish(() => run.Write(folder, RunStatus.Complete));
            return run;
        }
        catch (DivergenceException<SparseAutoencoder> divergence)
        {
            new SparseAutoencoderRun(recipe, divergence.LastGood, new([], [])).Write(folder, RunStatus.Diverged);
            throw;
        }
    }

    /// <summary>The run in a folder.</summary>
    /// <exception cref="StorageException">There is no such run, or it was altered.</exception>
    public static SparseAutoencoderRun Read(string path)
    {
        var folder = RunFolder.Open(path, RunKind.Sae);
        var recipe = folder.RecipeOf<SparseAutoencoderRecipe>(OptionsJson.Settings);
        var autoencoder = StoredAutoencoder.Read(folder.Path(Weights), folder.Safetensors(Weights), BeforeMetadata(recipe.Autoencoder));
        return new(recipe, autoencoder, ReadHistory(folder.Csv(Metrics)));
    }

    // The first runs were of these two alone, and their files do not say which.
    static SparseActivation? BeforeMetadata(SparseAutoencoderOptions options) => options switch
    {
        TopKOptions topK => new TopKActivation(topK.K),
        L1Options => new ReluActivation(),
        _ => null,
    };

    void Write(RunFolderWriter folder, RunStatus status)
    {
        folder.WriteSafetensors(Weights, StoredAutoencoder.Tensors(Autoencoder), StoredAutoencoder.Metadata(Autoencoder));
        var metrics = new CsvTable("step", "loss", "squared_error", "explained_variance", "l0", "dead");
        foreach (var (step, at) in History.Steps.Zip(History.Metrics))
            metrics.Add(step, at.Loss, at.SquaredError, at.ExplainedVariance, at.L0, at.DeadFraction);
        folder.WriteCsv(Metrics, metrics);
        folder.Complete(new()
        {
            Kind = RunKind.Sae,
            Name = $"sae d={Autoencoder.Dimensions} m={Autoencoder.Latents}",
            Status = status,
            Recipe = JsonSerializer.SerializeToElement(Recipe, OptionsJson.Settings),
            Versions = RunVersions.Here(),
        });
    }

    static SparseAutoencoderHistory ReadHistory(CsvTable metrics) => new(
        [.. metrics.Numbers("step").Select(step => (long)step)],
        [.. Enumerable.Range(0, metrics.Count).Select(t => new SparseAutoencoderMetrics(
            metrics.Number(t, "loss"), metrics.Number(t, "squared_error"), metrics.Number(t, "explained_variance"),
            metrics.Number(t, "l0"), metrics.Number(t, "dead")))]);
}

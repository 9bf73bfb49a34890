using System.Text.Json;
using Microsoft.ML;
using Superposition.DataViews;
using Superposition.Storage;
using Superposition.Training;

namespace Superposition.ToyModels;

/// <summary>
/// A toy-model training in a run folder: <c>toy.safetensors</c> (W [K, n, d], b [K, n], loss [K], importance [n],
/// density [n]), <c>history.safetensors</c> (step [T], norms [T, K, n]) and <c>metrics.csv</c> (step, instance, loss).
/// </summary>
public sealed record ToyModelRun(ToyModelRecipe Recipe, IReadOnlyList<ToyModel> Instances, ToyModelHistory History)
{
    const string Weights = "toy.safetensors", Course = "history.safetensors", Metrics = "metrics.csv";

    /// <summary>Trains as the recipe says and leaves the run in a folder; a training that diverges leaves its last good state, marked so.</summary>
    /// <exception cref="OptionsException">The recipe cannot be used.</exception>
    /// <exception cref="StorageException">The folder cannot be written, or is taken.</exception>
    /// <exception cref="DivergenceException">The loss stopped being finite; the folder holds the last good state.</exception>
    public static ToyModelRun Train(ToyModelRecipe recipe, string path, bool overwrite = false, MLContext? context = null)
    {
        var ml = context ?? new MLContext();
        var world = ml.Data.SparseFeatures(recipe.World);
        OptionsException.ThrowIfAny(nameof(ToyModelOptions), recipe.Model.Problems(recipe.World.Features));
        using var folder = new RunFolderWriter(path, overwrite);
        try
        {
            var fitted = ml.Transforms.ToyModel("Activations", "Features", recipe.Model).Fit(world);
            var run = new ToyModelRun(recipe, fitted.Instances, fitted.History);
            run.Write(folder, RunStatus.Complete);
            return run;
        }
        catch (DivergenceException<IReadOnlyList<ToyModel>> divergence)
        {
            new ToyModelRun(recipe, divergence.LastGood, ToyModelHistory.Empty(recipe.Model.Instances, recipe.World.Features))
                .Write(folder, RunStatus.Diverged);
            throw;
        }
    }

    /// <summary>The run in a folder.</summary>
    /// <exception cref="StorageException">There is no such run, or it was altered.</exception>
    public static ToyModelRun Read(string path)
    {
        var folder = RunFolder.Open(path, RunKind.Toy);
        var recipe = folder.Recipe.Deserialize<ToyModelRecipe>(OptionsJson.Settings)!;
        var weights = folder.Safetensors(Weights);
        int n = recipe.World.Features, d = recipe.Model.Dimensions, k = recipe.Model.Instances;
        var (w, b, loss) = (
            weights.Shaped("W", k, n, d).ToSingles(), weights.Shaped("b", k, n).ToSingles(), weights.Shaped("loss", k).ToDoubles());
        var instances = Enumerable.Range(0, k).Select(j => new ToyModel(
            Rows.Matrix(w.AsSpan(j * n * d, n * d), n), b[(j * n)..((j + 1) * n)], loss[j])).ToArray();
        return new(recipe, instances, ReadHistory(folder, k, n));
    }

    /// <summary>The instance with the lowest evaluation loss.</summary>
    public ToyModel Best => Instances.MinBy(i => i.Loss)!;

    void Write(RunFolderWriter folder, RunStatus status)
    {
        int n = Recipe.World.Features, d = Recipe.Model.Dimensions, k = Instances.Count;
        folder.WriteSafetensors(Weights, new Dictionary<string, StoredArray>
        {
            ["W"] = StoredArray.Of([.. Instances.SelectMany(i => Rows.Flat(i.W).ToArray())], k, n, d),
            ["b"] = StoredArray.Of([.. Instances.SelectMany(i => i.B)], k, n),
            ["loss"] = StoredArray.Of([.. Instances.Select(i => i.Loss)], k),
            ["importance"] = StoredArray.Of(Recipe.Model.Importance.Expand(n), n),
            ["density"] = StoredArray.Of(Recipe.World.Density.Expand(n), n),
        });
        WriteHistory(folder, k, n);
        folder.Complete(new()
        {
            Kind = RunKind.Toy,
            Name = $"toy n={n} d={d}",
            Status = status,
            Recipe = JsonSerializer.SerializeToElement(Recipe, OptionsJson.Settings),
            Versions = RunVersions.Here(),
        });
    }

    void WriteHistory(RunFolderWriter folder, int k, int n)
    {
        var points = History.Steps.Length;
        folder.WriteSafetensors(Course, new Dictionary<string, StoredArray>
        {
            ["step"] = StoredArray.Of(History.Steps, points),
            ["norms"] = StoredArray.Of([.. History.Norms.Cast<float>()], points, k, n),
        });
        var metrics = new CsvTable("step", "instance", "loss");
        for (var t = 0; t < points; t++)
            for (var j = 0; j < k; j++)
                metrics.Add(History.Steps[t], j, History.Loss[t, j]);
        folder.WriteCsv(Metrics, metrics);
    }

    static ToyModelHistory ReadHistory(RunFolder folder, int k, int n)
    {
        var course = folder.Safetensors(Course);
        var steps = course["step"].ToInt64s();
        var norms = course.Shaped("norms", steps.Length, k, n).ToSingles();
        var (history, losses) = (ToyModelHistory.Empty(k, n, steps), folder.Csv(Metrics).Numbers("loss"));
        for (var t = 0; t < steps.Length; t++)
            for (var j = 0; j < k; j++)
            {
                history.Loss[t, j] = (float)losses[t * k + j];
                for (var i = 0; i < n; i++) history.Norms[t, j, i] = norms[(t * k + j) * n + i];
            }
        return history;
    }
}

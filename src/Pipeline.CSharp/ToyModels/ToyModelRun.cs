using System.Text.Json;
using Microsoft.ML;
using Superposition.DataViews;
using Superposition.Storage;
using Superposition.Training;

namespace Superposition.ToyModels;

/// <summary>
/// A toy-model training in a run folder: <c>toy.safetensors</c> (W [K, n, d], b [K, outputs], loss [K], importance [outputs],
/// density [n]; decoder [K, outputs, d] where it is not W, inner [K, L − 1, d, d] and hidden_bias [K, L, d] where there are any),
/// <c>history.safetensors</c> (step [T], norms [T, K, n]; snapshot_step [S] and snapshots [S, K, n, d] where asked for) and
/// <c>metrics.csv</c> (step, instance, loss).
/// </summary>
public sealed record ToyModelRun(ToyModelRecipe Recipe, IReadOnlyList<ToyModel> Instances, ToyModelHistory History)
{
    const string Weights = "toy.safetensors", Course = "history.safetensors", Metrics = "metrics.csv";

    /// <summary>Trains as the recipe says and leaves the run in a folder; a training that diverges leaves its last good state, marked so, and one that is
    /// stopped a checkpoint beside the folder, in <c>.NAME.checkpoint</c>, that it goes on from if asked to resume.</summary>
    /// <exception cref="OptionsException">The recipe cannot be used.</exception>
    /// <exception cref="StorageException">The folder cannot be written or is taken, or its disk has no room for the history asked for.</exception>
    /// <exception cref="DivergenceException">The loss stopped being finite; the folder holds the last good state.</exception>
    public static ToyModelRun Train(ToyModelRecipe recipe, string path, bool overwrite = false, MLContext? context = null, bool resume = false,
        CheckpointOptions? checkpoints = null)
    {
        var ml = context ?? new MLContext();
        var world = ml.Data.SparseFeatures(recipe.World);
        OptionsException.ThrowIfAny(nameof(ToyModelOptions), recipe.Model.Problems(recipe.World.Features));
        var checkpoint = Checkpoint.Beside(path, JsonSerializer.Serialize(recipe, OptionsJson.Settings), checkpoints);
        // Stopped after it was done, before anybody was told.
        if (resume && !overwrite && RunFolder.Holds(path, RunKind.Toy, JsonSerializer.SerializeToElement(recipe, OptionsJson.Settings)))
        {
            RunFolderWriter.Sweep(path);
            checkpoint.Delete();
            return Read(path);
        }
        using var folder = new RunFolderWriter(path, overwrite);
        folder.EnsureRoom(HistoryRecorder.Bytes(recipe.Model, recipe.World.Features),
            "Take fewer snapshots and points (SnapshotEvery, HistoryEvery), or choose another disk.");
        try
        {
            if (!resume) checkpoint.Delete();
            var estimator = new ToyModelEstimator(ml.Transforms.Environment(), "Activations", "Features", recipe.Model) { Checkpoint = checkpoint };
            var fitted = estimator.Fit(world);
            var run = new ToyModelRun(recipe, fitted.Instances, fitted.History);
            checkpoint.Finish(() => run.Write(folder, RunStatus.Complete));
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
        var recipe = folder.RecipeOf<ToyModelRecipe>(OptionsJson.Settings);
        return new(recipe, ReadInstances(folder.Safetensors(Weights), recipe), ReadHistory(folder, recipe));
    }

    static ToyModel[] ReadInstances(SafetensorsFile weights, ToyModelRecipe recipe)
    {
        var (architecture, layers) = (recipe.Model.Architecture, recipe.Model.Architecture.HiddenLayers);
        int n = recipe.World.Features, d = recipe.Model.Dimensions, k = recipe.Model.Instances, outputs = recipe.Model.Target.Outputs(n);
        float[] Numbers(string name, params long[] shape) => weights.Shaped(name, shape).ToSingles();
        var (w, b, loss) = (Numbers("W", k, n, d), Numbers("b", k, outputs), weights.Shaped("loss", k).ToDoubles());
        var decoder = architecture.Tied ? [] : Numbers("decoder", k, outputs, d);
        var inner = layers == 1 ? [] : Numbers("inner", k, layers - 1, d, d);
        var biases = architecture.HiddenBias ? Numbers("hidden_bias", k, layers, d) : [];
        return [.. Enumerable.Range(0, k).Select(j =>
        {
            var model = new ToyModel(Rows.Matrix(Part(w, j, n * d), n), Part(b, j, outputs).ToArray(), loss[j])
            {
                Architecture = architecture,
                Inner = [.. Enumerable.Range(j * (layers - 1), layers - 1).Select(l => Rows.Matrix(Part(inner, l, d * d), d))],
                HiddenBiases = biases.Length == 0 ? [] : [.. Enumerable.Range(j * layers, layers).Select(l => Part(biases, l, d).ToArray())],
            };
            return architecture.Tied ? model : model with { Decoder = Rows.Matrix(Part(decoder, j, outputs * d), outputs) };
        })];
    }

    static ReadOnlySpan<float> Part(float[] all, int index, int length) => all.AsSpan(index * length, length);

    /// <summary>The instance with the lowest evaluation loss.</summary>
    public ToyModel Best => Instances.MinBy(i => i.Loss)!;

    void Write(RunFolderWriter folder, RunStatus status)
    {
        var (architecture, layers) = (Recipe.Model.Architecture, Recipe.Model.Architecture.HiddenLayers);
        int n = Recipe.World.Features, d = Recipe.Model.Dimensions, k = Instances.Count, outputs = Recipe.Model.Target.Outputs(n);
        StoredArray Stored(Func<ToyModel, IEnumerable<float>> values, params long[] shape) => StoredArray.Of([.. Instances.SelectMany(values)], shape);
        var weights = new Dictionary<string, StoredArray>
        {
            ["W"] = Stored(i => Rows.Flat(i.W).ToArray(), k, n, d),
            ["b"] = Stored(i => i.B, k, outputs),
            ["loss"] = StoredArray.Of([.. Instances.Select(i => i.Loss)], k),
            ["importance"] = StoredArray.Of(Recipe.Model.Importance.Expand(outputs), outputs),
            ["density"] = StoredArray.Of(Recipe.World.Density.Expand(n), n),
        };
        if (!architecture.Tied) weights["decoder"] = Stored(i => Rows.Flat(i.Decoder).ToArray(), k, outputs, d);
        if (layers > 1) weights["inner"] = Stored(i => i.Inner.SelectMany(m => Rows.Flat(m).ToArray()), k, layers - 1, d, d);
        if (architecture.HiddenBias) weights["hidden_bias"] = Stored(i => i.HiddenBiases.SelectMany(c => c), k, layers, d);
        folder.WriteSafetensors(Weights, weights);
        WriteHistory(folder, k, n, d);
        folder.Complete(new()
        {
            Kind = RunKind.Toy,
            Name = $"toy n={n} d={d}",
            Status = status,
            Recipe = JsonSerializer.SerializeToElement(Recipe, OptionsJson.Settings),
            Versions = RunVersions.Here(),
        });
    }

    void WriteHistory(RunFolderWriter folder, int k, int n, int d)
    {
        var (points, snapshots) = (History.Steps.Length, History.SnapshotSteps.Length);
        var course = new Dictionary<string, StoredArray>
        {
            ["step"] = StoredArray.Of(History.Steps, points),
            ["norms"] = StoredArray.Of([.. History.Norms.Cast<float>()], points, k, n),
        };
        if (snapshots > 0)
        {
            course["snapshot_step"] = StoredArray.Of(History.SnapshotSteps, snapshots);
            course["snapshots"] = StoredArray.Of(
                [.. History.Snapshots.Cast<float[,]>().SelectMany(w => Rows.Flat(w).ToArray())], snapshots, k, n, d);
        }
        folder.WriteSafetensors(Course, course);
        var metrics = new CsvTable("step", "instance", "loss");
        for (var t = 0; t < points; t++)
            for (var j = 0; j < k; j++)
                metrics.Add(History.Steps[t], j, History.Loss[t, j]);
        folder.WriteCsv(Metrics, metrics);
    }

    static ToyModelHistory ReadHistory(RunFolder folder, ToyModelRecipe recipe)
    {
        int n = recipe.World.Features, d = recipe.Model.Dimensions, k = recipe.Model.Instances;
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
        if (recipe.Model.SnapshotEvery == 0 || steps.Length == 0) return history;
        var snapshotSteps = course["snapshot_step"].ToInt64s();
        var flat = course.Shaped("snapshots", snapshotSteps.Length, k, n, d).ToSingles();
        var snapshots = new float[snapshotSteps.Length, k][,];
        for (var s = 0; s < snapshotSteps.Length; s++)
            for (var j = 0; j < k; j++) snapshots[s, j] = Rows.Matrix(Part(flat, s * k + j, n * d), n);
        return history with { SnapshotSteps = snapshotSteps, Snapshots = snapshots };
    }
}

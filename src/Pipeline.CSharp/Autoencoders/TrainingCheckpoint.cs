using System.Globalization;
using System.Text.Json;
using Superposition.Storage;

namespace Superposition.Autoencoders;

/// <summary>
/// Where a training that was stopped goes on: parameters, optimiser, counters and controllers after some step, in one file that is replaced
/// whole. On the CPU what is trained on from it is bit by bit what it would have been.
/// </summary>
/// <param name="path">The file.</param>
/// <param name="recipe">All the training follows from; a file of another recipe is refused.</param>
/// <param name="every">Steps between two of them; at least 1.</param>
internal sealed class TrainingCheckpoint(string path, string recipe, long every)
{
    const string Recipe = "recipe", Step = "step";

    /// <summary>Steps between two checkpoints, unless said otherwise.</summary>
    public const long DefaultEvery = 5000;

    /// <summary>The checkpoint of a training by these options.</summary>
    public static TrainingCheckpoint Of(string path, IReadOnlyList<SparseAutoencoderOptions> all, long every = DefaultEvery) =>
        new(path, JsonSerializer.Serialize(all, OptionsJson.Settings), every);

    /// <summary>Saves, if it is time to or asked for now.</summary>
    public void Save(IReadOnlyList<SparseAutoencoderTraining> trainings, long step, bool now = false)
    {
        if (!now && step % every != 0) return;
        Safetensors.Write(
            path,
            trainings.SelectMany((training, t) => training.Save().Select(tensor => KeyValuePair.Create($"{t}.{tensor.Key}", tensor.Value))),
            new Dictionary<string, string> { [Recipe] = recipe, [Step] = step.ToString(CultureInfo.InvariantCulture) });
    }

    /// <summary>Brings trainings to where they were; returns the steps that are done, 0 where there is no checkpoint.</summary>
    /// <exception cref="StorageException">The file is damaged, or of another recipe.</exception>
    public long Load(IReadOnlyList<SparseAutoencoderTraining> trainings)
    {
        if (!File.Exists(path)) return 0;
        var file = Safetensors.Read(path);
        if (file.Metadata.GetValueOrDefault(Recipe) != recipe)
            throw RunFolderException.OtherRecipe(path);
        var step = long.Parse(file.Metadata[Step], CultureInfo.InvariantCulture);
        for (var t = 0; t < trainings.Count; t++)
        {
            var prefix = $"{t}.";
            trainings[t].Load(file.Where(tensor => tensor.Key.StartsWith(prefix, StringComparison.Ordinal))
                .ToDictionary(tensor => tensor.Key[prefix.Length..], tensor => tensor.Value), step);
        }
        return step;
    }

    /// <summary>The training is done.</summary>
    public void Delete() => File.Delete(path);
}

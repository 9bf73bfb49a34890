using System.Text.Json;

namespace Superposition.Storage;

/// <summary>
/// A finished run: a folder of run.json, *.safetensors, metrics.csv and claims.csv, found whole and unaltered when it was opened.
/// It is written by <see cref="RunFolderWriter"/>.
/// </summary>
public sealed class RunFolder
{
    readonly RunManifest manifest;

    internal RunFolder(string path, RunManifest manifest, IReadOnlyDictionary<string, RunFile> files)
    {
        FolderPath = path;
        this.manifest = manifest;
        Files = files;
    }

    /// <summary>The folder, as the caller named it.</summary>
    public string FolderPath { get; }

    /// <inheritdoc cref="RunManifest.Kind"/>
    public RunKind Kind => manifest.Kind;

    /// <inheritdoc cref="RunManifest.Name"/>
    public string Name => manifest.Name;

    /// <inheritdoc cref="RunManifest.Status"/>
    public RunStatus Status => manifest.Status;

    /// <inheritdoc cref="RunManifest.Recipe"/>
    public JsonElement Recipe => manifest.Recipe;

    /// <summary>Name to version of what ran.</summary>
    public IReadOnlyDictionary<string, string> Versions => manifest.Versions;

    /// <summary>All files but run.json, by name.</summary>
    public IReadOnlyDictionary<string, RunFile> Files { get; }

    /// <summary>Opens a run, having compared the length and SHA-256 of every file it lists.</summary>
    /// <exception cref="RunFolderException">
    /// There is no run, it is of an unknown format, or a file is missing or altered.
    /// </exception>
    public static RunFolder Open(string path)
    {
        var (manifest, files) = ReadManifest(path);
        foreach (var (name, listed) in files) Check(System.IO.Path.Combine(path, name), listed);
        return new(path, manifest, files);
    }

    /// <summary>Opens a run that must be of one kind.</summary>
    /// <exception cref="RunFolderException">As <see cref="Open(string)"/>, or the run is of another kind.</exception>
    public static RunFolder Open(string path, RunKind kind)
    {
        var run = Open(path);
        return run.Kind == kind
            ? run
            : throw new RunFolderException(path, RunFolderReason.WrongKind, $"expected a run of kind {kind}, found {run.Kind}. Name another folder.");
    }

    /// <summary>Whether the run of a recipe lies in a folder, whole and complete: then there is nothing left to do.</summary>
    public static bool Holds(string path, RunKind kind, JsonElement recipe)
    {
        if (!Directory.Exists(path)) return false;
        try
        {
            var run = Open(path, kind);
            return run.Status == RunStatus.Complete && JsonElement.DeepEquals(run.Recipe, recipe);
        }
        catch (RunFolderException)
        {
            return false;
        }
    }

    /// <summary>Where a file of the run lies.</summary>
    /// <exception cref="RunFolderException">The run lists no such file; the message names those it lists.</exception>
    public string Path(string name) => Files.ContainsKey(name)
        ? System.IO.Path.Combine(FolderPath, name)
        : throw new RunFolderException(FolderPath, RunFolderReason.FileNotListed,
            $"the run has no file {ErrorText.Quote(name)}; it has {ErrorText.List([.. Files.Keys])}.");

    /// <summary>Reads one of its safetensors files.</summary>
    /// <exception cref="RunFolderException">The run lists no such file.</exception>
    /// <exception cref="SafetensorsException">The file breaks a rule of its format.</exception>
    public SafetensorsFile Safetensors(string name) => Storage.Safetensors.Read(Path(name));

    /// <summary>Reads one of its tables.</summary>
    /// <exception cref="RunFolderException">The run lists no such file.</exception>
    /// <exception cref="CsvException">The file is no table.</exception>
    public CsvTable Csv(string name) => CsvTable.Read(Path(name));

    /// <summary>The recipe as the options it was written from.</summary>
    /// <exception cref="RunFolderException">It is no such recipe: run.json was altered, for its own bytes are in no list.</exception>
    internal TRecipe RecipeOf<TRecipe>(JsonSerializerOptions settings) where TRecipe : class
    {
        try
        {
            return Recipe.Deserialize<TRecipe>(settings) ?? throw new JsonException("It is null.");
        }
        catch (Exception error) when (error is JsonException or NotSupportedException)   // the latter: a type that is chosen by a key which is not there
        {
            throw new RunFolderException(System.IO.Path.Combine(FolderPath, RunFile.ManifestName), RunFolderReason.ManifestMalformed,
                $"the recipe is none of a run of kind {Kind}: {error.Message} Restore the file, or run again.", error);
        }
    }

    /// <summary>run.json alone, without a look at the files.</summary>
    internal static (RunManifest Manifest, IReadOnlyDictionary<string, RunFile> Files) ReadManifest(string path)
    {
        var file = System.IO.Path.Combine(path, RunFile.ManifestName);
        if (!File.Exists(file))
            throw new RunFolderException(path, RunFolderReason.NotARunFolder,
                $"there is no {RunFile.ManifestName} here. Name the folder of a run, or run it first.");
        return RunManifestJson.Parse(File.ReadAllBytes(file), file);
    }

    static void Check(string path, RunFile listed)
    {
        var file = new FileInfo(path);
        if (!file.Exists)
            throw new RunFolderException(path, RunFolderReason.FileMissing,
                $"{RunFile.ManifestName} lists this file and it is not there. Copy the run again.");
        if (file.Length != listed.Bytes)
            throw new RunFolderException(path, RunFolderReason.SizeDiffers,
                $"{RunFile.ManifestName} says {listed.Bytes} bytes, the file has {file.Length}. "
                + "It was altered or cut short: copy the run again.");
        var found = RunFile.Of(path);
        if (found.Sha256 != listed.Sha256)
            throw new RunFolderException(path, RunFolderReason.HashDiffers,
                $"{RunFile.ManifestName} says SHA-256 {listed.Sha256}, the file has {found.Sha256}. "
                + "It was altered: copy the run again.");
    }
}

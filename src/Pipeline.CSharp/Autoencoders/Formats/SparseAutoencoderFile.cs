using Superposition.Storage;

namespace Superposition.Autoencoders;

/// <summary>
/// Reads an autoencoder of any format that is known: a run folder of ours or its sae.safetensors, a folder of SAELens or of sparsify, Gemma
/// Scope's params.npz. Nothing is guessed: what is not certain to compute what it computed where it was trained is refused.
/// </summary>
public static class SparseAutoencoderFile
{
    const string Ours = "superposition", OurWeights = "sae.safetensors";

    /// <summary>The autoencoder at a path.</summary>
    /// <param name="path">A folder or a file.</param>
    /// <exception cref="SparseAutoencoderFileException">It is none of the formats, a pickle, or not as it must be.</exception>
    /// <exception cref="StorageException">A file in it breaks a rule of its own format.</exception>
    public static LoadedAutoencoder Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Directory.Exists(path) ? ReadFolder(path)
            : File.Exists(path) ? ReadFile(path)
            : throw new SparseAutoencoderFileException(path, SparseAutoencoderFileReason.FileMissing,
                "there is no such file or folder. Check the path.");
    }

    static LoadedAutoencoder ReadFolder(string path)
    {
        bool Has(string name) => File.Exists(Path.Combine(path, name));
        if (Has(RunFile.ManifestName)) return ReadRun(path);
        if (Has(SaeLensFolder.WeightsName)) return SaeLensFolder.Read(path);
        if (Has(SparsifyFolder.WeightsName)) return SparsifyFolder.Read(path);
        if (Has("params.npz")) return GemmaScopeFile.Read(Path.Combine(path, "params.npz"));
        string[] names = [.. new DirectoryInfo(path).EnumerateFileSystemInfos().Select(entry => entry.Name).Order(StringComparer.Ordinal)];
        if (names.FirstOrDefault(Pickle.IsNamed) is { } pickle) throw Pickle.Refusal(Path.Combine(path, pickle));
        throw Unknown(path, $"it holds {ErrorText.List(names)}");
    }

    static LoadedAutoencoder ReadRun(string path)
    {
        var status = RunFolder.Open(path, RunKind.Sae).Status;
        var run = SparseAutoencoderRun.Read(path);
        return new(run.Autoencoder, Name(run.Autoencoder), status == RunStatus.Diverged
            ? [$"{path}: the training diverged; these weights are its last good state."]
            : []);
    }

    static LoadedAutoencoder ReadFile(string path)
    {
        if (Pickle.Is(path)) throw Pickle.Refusal(path);
        if (Path.GetExtension(path).Equals(".npz", StringComparison.OrdinalIgnoreCase)) return GemmaScopeFile.Read(path);
        if (!Path.GetExtension(path).Equals(".safetensors", StringComparison.OrdinalIgnoreCase)) throw Unknown(path, "it is another file");
        var file = Safetensors.Read(path);
        if (!StoredAutoencoder.Describes(file))
            throw Unknown(path, "its weights do not say what is computed with them. Name the folder it lies in, with its configuration");
        var autoencoder = StoredAutoencoder.Read(path, file);
        return new(autoencoder, Name(autoencoder), []);
    }

    static string Name(SparseAutoencoder autoencoder) => $"{Ours} {StoredAutoencoder.NameOf(autoencoder.Activation)}";

    static SparseAutoencoderFileException Unknown(string path, string found) => new(path, SparseAutoencoderFileReason.NotAnAutoencoder,
        $"expected a run folder of an autoencoder, a folder with {SaeLensFolder.ConfigName} and {SaeLensFolder.WeightsName} (SAELens) or "
        + $"{OurWeights} (sparsify), or a params.npz (Gemma Scope); {found}.");
}

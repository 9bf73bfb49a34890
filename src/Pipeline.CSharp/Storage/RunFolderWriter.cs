namespace Superposition.Storage;

/// <summary>
/// Writes a run all at once or not at all. Files gather in a hidden folder beside the target, made at once, so that a path that
/// cannot be written is found before the training and not after it; <see cref="Complete"/> renames it into place, and disposing
/// of the writer without it deletes what was gathered. A process that is killed leaves only <c>.NAME.partial-…</c>,
/// which the next writer of that run deletes.
/// </summary>
public sealed class RunFolderWriter : IDisposable
{
    readonly RunTarget target;
    readonly PartialFolder partial;
    bool finished;

    /// <summary>Begins a run that will lie at <paramref name="path"/>; missing parents are made.</summary>
    /// <param name="path">The run's folder.</param>
    /// <param name="overwrite">Replace the run that lies there, at the very end. Nothing but a run of ours is ever
    /// replaced.</param>
    /// <exception cref="RunFolderException">Something lies there already.</exception>
    /// <exception cref="FileWriteException">The folder cannot be made.</exception>
    public RunFolderWriter(string path, bool overwrite = false)
    {
        target = new RunTarget(path, overwrite);
        target.Check();
        partial = Guard(() => new PartialFolder(target));
    }

    /// <summary>Deletes what processes that were killed left beside a run that is done.</summary>
    internal static void Sweep(string path) => PartialFolder.Sweep(new(path, overwrite: false));

    /// <summary>Finds before the work, and not after it, that its files will have no room.</summary>
    /// <param name="bytes">What they will weigh.</param>
    /// <param name="remedy">What to do about it, as a sentence.</param>
    /// <exception cref="FileWriteException">The disk has fewer bytes free.</exception>
    public void EnsureRoom(long bytes, string remedy)
    {
        if (FreeBytes() is { } free && free < bytes) throw FileWriteException.NoRoom(target.Path, bytes, free, remedy);
    }

    // Null where the system does not say, as of a share on the net: there it is found on writing.
    long? FreeBytes()
    {
        try
        {
            return new DriveInfo(System.IO.Path.GetFullPath(partial.Path)).AvailableFreeSpace;
        }
        catch (Exception error) when (error is ArgumentException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>
    /// Where to write a file that has no method here; it is listed in run.json if it is there on <see cref="Complete"/>.
    /// </summary>
    /// <exception cref="RunFolderException">The name is not that of a plain file.</exception>
    public string Path(string name)
    {
        ObjectDisposedException.ThrowIf(finished, this);
        return RunFile.IsPlainName(name)
            ? System.IO.Path.Combine(partial.Path, name)
            : throw RunFolderException.InvalidName(target.Path, name);
    }

    /// <summary>Adds or replaces a file of tensors.</summary>
    public void WriteSafetensors(string name, IEnumerable<KeyValuePair<string, StoredArray>> tensors,
        IReadOnlyDictionary<string, string>? metadata = null) => Safetensors.Write(Path(name), tensors, metadata);

    /// <summary>Adds or replaces a table.</summary>
    public void WriteCsv(string name, CsvTable table) => table.Write(Path(name));

    /// <summary>
    /// Hashes the files, writes run.json last, renames the folder into place, and gives back the run that now lies there.
    /// </summary>
    /// <exception cref="RunFolderException">
    /// Something came to lie at the target in the meantime, or a gathered file has no plain name.
    /// </exception>
    /// <exception cref="FileWriteException">The folder cannot be written or renamed.</exception>
    public RunFolder Complete(RunManifest manifest)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        ObjectDisposedException.ThrowIf(finished, this);
        var files = new SortedDictionary<string, RunFile>(StringComparer.Ordinal);
        Guard(() =>
        {
            // A run.json is already there if an earlier try found the target taken.
            File.Delete(System.IO.Path.Combine(partial.Path, RunFile.ManifestName));
            foreach (var entry in new DirectoryInfo(partial.Path).EnumerateFileSystemInfos())
                files.Add(entry.Name, entry is FileInfo && RunFile.IsPlainName(entry.Name)
                    ? RunFile.Of(entry.FullName)
                    : throw RunFolderException.InvalidName(target.Path, entry.Name));
        });
        AtomicFile.Write(
            System.IO.Path.Combine(partial.Path, RunFile.ManifestName), stream => RunManifestJson.Write(stream, manifest, files));
        target.Check();
        Guard(() => target.Replace(partial.Path));
        Dispose();
        return new(target.Path, manifest, files.AsReadOnly());
    }

    /// <summary>Deletes what was gathered, if the run was not completed.</summary>
    public void Dispose()
    {
        if (finished) return;
        finished = true;
        partial.Dispose();
    }

    void Guard(Action write) => Guard(() =>
    {
        write();
        return true;
    });

    T Guard<T>(Func<T> write)
    {
        try
        {
            return write();
        }
        catch (Exception error) when (FileWriteException.IsCause(error))
        {
            throw FileWriteException.Because(target.Path, error);
        }
    }
}

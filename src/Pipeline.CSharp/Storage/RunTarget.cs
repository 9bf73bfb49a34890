namespace Superposition.Storage;

/// <summary>The place a run is to be written to, and the care for what lies there already.</summary>
sealed class RunTarget(string path, bool overwrite)
{
    readonly string full = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path));

    /// <summary>As the caller named it.</summary>
    public string Path => path;

    /// <summary>
    /// A hidden folder beside the target, so that a rename never crosses a disk: .NAME.partial-…
    /// The end is random, because two may write at once.
    /// </summary>
    public string Sibling(string what) => $"{Beginning(what)}{Guid.NewGuid():N}";

    /// <summary>All that lies beside the target under such a name.</summary>
    public IEnumerable<string> Siblings(string what) => Directory.Exists(Parent)
        ? Directory.EnumerateFileSystemEntries(Parent).Where(entry => entry.StartsWith(Beginning(what), StringComparison.Ordinal))
        : [];

    string Parent => System.IO.Path.GetDirectoryName(full) ?? throw new ArgumentException($"{path} is the root of a disk; name a folder in it.");

    string Beginning(string what) => System.IO.Path.Combine(Parent, $".{System.IO.Path.GetFileName(full)}.{what}-");

    /// <summary>Finds that nothing lies there, or only a run of ours that may be overwritten.</summary>
    /// <exception cref="RunFolderException">Something else lies there.</exception>
    public void Check()
    {
        if (File.Exists(full))
            throw new RunFolderException(path, RunFolderReason.TargetNotARun,
                "a file lies where the run's folder is to be. Choose another path.");
        if (!Directory.Exists(full)) return;
        if (!overwrite)
            throw new RunFolderException(path, RunFolderReason.TargetExists,
                "a folder lies there already. Choose another path, or ask to overwrite.");
        if (Stranger() is { } stranger)
            throw new RunFolderException(path, RunFolderReason.TargetNotARun,
                $"only a run is overwritten, with nothing in its folder that it did not write; here {stranger}. "
                + "Move it away, or choose another path.");
    }

    /// <summary>
    /// Renames <paramref name="folder"/> to the target; what lay there is moved aside before and deleted after.
    /// </summary>
    public void Replace(string folder)
    {
        if (!Directory.Exists(full))
        {
            Directory.Move(folder, full);
            return;
        }
        var old = Sibling("old");
        Directory.Move(full, old);
        try
        {
            Directory.Move(folder, full);
        }
        catch
        {
            Directory.Move(old, full);
            throw;
        }
        DeleteQuietly(old);
    }

    /// <summary>
    /// The run lies where it should, or the error on its way out matters more, so a rest that cannot be deleted is left.
    /// </summary>
    public static void DeleteQuietly(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
        }
    }

    /// <summary>What in the folder is no part of a run, in words; null if nothing.</summary>
    string? Stranger()
    {
        try
        {
            var (_, files) = RunFolder.ReadManifest(full);
            var foreign = new DirectoryInfo(full).EnumerateFileSystemInfos()
                .FirstOrDefault(entry => entry is not FileInfo
                    || (entry.Name != RunFile.ManifestName && !files.ContainsKey(entry.Name)));
            return foreign is null ? null : $"lies {ErrorText.Quote(foreign.Name)}";
        }
        catch (RunFolderException error)
        {
            return error.Reason == RunFolderReason.NotARunFolder
                ? $"is no {RunFile.ManifestName}"
                : $"{RunFile.ManifestName} is not readable";
        }
    }
}

namespace Superposition.Storage;

/// <summary>Writes a folder of files whole or not at all.</summary>
public static class AtomicFolder
{
    /// <summary>
    /// Gives <paramref name="write"/> a hidden folder beside <paramref name="path"/> and renames it to the target. If it throws, its error
    /// passes through and the target is as it was.
    /// </summary>
    /// <param name="path">The folder to be.</param>
    /// <param name="overwrite">Whether a folder that lies there is replaced.</param>
    /// <param name="names">The files such a folder may hold: one with anything else in it is never replaced.</param>
    /// <param name="write">Writes the files into the folder it is given.</param>
    /// <exception cref="FileWriteException">The folder cannot be written, or something lies there that is not replaced.</exception>
    public static void Write(string path, bool overwrite, IReadOnlyCollection<string> names, Action<string> write)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(write);
        var target = new RunTarget(path, overwrite);
        EnsureFree(path, overwrite, names);
        try
        {
            using var partial = new PartialFolder(target);
            write(partial.Path);
            EnsureFree(path, overwrite, names);
            target.Replace(partial.Path);
        }
        catch (Exception error) when (FileWriteException.IsCause(error))
        {
            throw FileWriteException.Because(path, error);
        }
    }

    static void EnsureFree(string path, bool overwrite, IReadOnlyCollection<string> names)
    {
        if (File.Exists(path)) throw FileWriteException.Taken(path, "a file lies where the folder is to be", "Choose another path.");
        if (!Directory.Exists(path)) return;
        if (!overwrite) throw FileWriteException.Taken(path, "a folder lies there already", "Choose another path, or ask to overwrite.");
        var foreign = new DirectoryInfo(path).EnumerateFileSystemInfos()
            .FirstOrDefault(entry => entry is not FileInfo || !names.Contains(entry.Name));
        if (foreign is not null)
            throw FileWriteException.Taken(path, $"in the folder there lies {ErrorText.Quote(foreign.Name)}, which would be lost",
                "Choose another path, or move it away.");
    }
}

namespace Superposition.Storage;

/// <summary>Writes a file whole or not at all: a reader never sees half of it, and a failure leaves the old one.</summary>
public static class AtomicFile
{
    /// <summary>
    /// Gives <paramref name="write"/> a stream to a hidden file beside <paramref name="path"/>, flushes it to the disk and
    /// renames it over the target. Missing folders are made. If <paramref name="write"/> throws, its error passes through,
    /// the hidden file is deleted and the target is as it was.
    /// </summary>
    /// <exception cref="FileWriteException">The folder cannot be made or written to, or the disk is full.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(write);
        var target = Path.GetFullPath(path);
        var folder = Path.GetDirectoryName(target) ?? target;
        // The random part keeps two writers of one target apart; it never outlives the call.
        var temporary = Path.Combine(folder, $".{Path.GetFileName(target)}.{Guid.NewGuid():N}.tmp");
        try
        {
            Directory.CreateDirectory(folder);
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1 << 16))
            {
                write(stream);
                // Without this the rename may reach the disk before the contents do, and a power cut leaves an empty file.
                stream.Flush(flushToDisk: true);
            }
            File.Move(temporary, target, overwrite: true);
        }
        catch (Exception error)
        {
            DeleteQuietly(temporary);
            if (FileWriteException.IsCause(error)) throw FileWriteException.Because(path, error);
            throw;
        }
    }

    /// <summary>The error on its way out matters more than a temporary file that cannot be deleted.</summary>
    static void DeleteQuietly(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
        }
    }
}

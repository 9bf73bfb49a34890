namespace Superposition.Storage;

/// <summary>A file or folder could not be written. What stood there before still stands.</summary>
public sealed class FileWriteException : StorageException
{
    const int UnixNoSpace = 28; // ENOSPC
    const int UnixReadOnly = 30; // EROFS
    const int WindowsWriteProtected = unchecked((int)0x80070013); // ERROR_WRITE_PROTECT
    const int WindowsDiskFull = unchecked((int)0x80070070); // ERROR_DISK_FULL

    const string Untouched = "Nothing was changed there.";

    FileWriteException(string path, FileWriteReason reason, string remedy, Exception inner, string kept = Untouched)
        : base(path, reason.ToString(), Text(remedy, inner, kept), inner) => Reason = reason;

    /// <summary>Why it failed.</summary>
    public FileWriteReason Reason { get; }

    /// <summary>True for what the system throws when a write fails; our own errors already say what happened.</summary>
    internal static bool IsCause(Exception error) =>
        error is (IOException or UnauthorizedAccessException) and not StorageException;

    /// <param name="path">What could not be written.</param>
    /// <param name="cause">What the system said.</param>
    /// <param name="kept">What there still is.</param>
    internal static FileWriteException Because(string path, Exception cause, string kept = Untouched)
    {
        var reason = ReasonOf(path, cause);
        return new(path, reason, reason switch
        {
            FileWriteReason.AccessDenied => "Choose a folder this user may write to.",
            FileWriteReason.DiskFull => "Free some space, or choose another disk.",
            FileWriteReason.FolderUnusable => "A part of this path is a file or does not exist: choose another path.",
            _ => "Check the path and the disk, then run again.",
        }, cause, kept);
    }

    internal static FileWriteException NoRoom(string path, long bytes, long free, string remedy) => new(path, FileWriteReason.DiskFull, remedy,
        new IOException(FormattableString.Invariant($"expected {bytes:N0} bytes of room, found {free:N0} free on its disk")));

    internal static FileWriteException Taken(string path, string found, string remedy) =>
        new(path, FileWriteReason.Taken, remedy, new IOException(found));

    static string Text(string remedy, Exception inner, string kept) =>
        $"cannot be written: {inner.Message.TrimEnd('.')}. {remedy} {kept}";

    static FileWriteReason ReasonOf(string path, Exception cause) => cause switch
    {
        UnauthorizedAccessException => FileWriteReason.AccessDenied,
        DirectoryNotFoundException => FileWriteReason.FolderUnusable,
        { HResult: UnixNoSpace or WindowsDiskFull } => FileWriteReason.DiskFull,
        { HResult: UnixReadOnly or WindowsWriteProtected } => FileWriteReason.AccessDenied,
        _ when HasFileAsFolder(path) => FileWriteReason.FolderUnusable,
        _ => FileWriteReason.Failed,
    };

    static bool HasFileAsFolder(string path)
    {
        for (var parent = Path.GetDirectoryName(path); !string.IsNullOrEmpty(parent); parent = Path.GetDirectoryName(parent))
            if (File.Exists(parent)) return true;
        return false;
    }
}

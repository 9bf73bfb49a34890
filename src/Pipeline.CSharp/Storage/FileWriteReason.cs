namespace Superposition.Storage;

/// <summary>Why a file or folder could not be written.</summary>
public enum FileWriteReason
{
    /// <summary>The folder cannot be made or reached: a part of its path is a file, or does not exist.</summary>
    FolderUnusable,

    /// <summary>The system does not allow this user to write there.</summary>
    AccessDenied,

    /// <summary>The disk is full.</summary>
    DiskFull,

    /// <summary>Something lies there already, and overwriting was not asked for, or it is not what would be replaced.</summary>
    Taken,

    /// <summary>Anything else the system reports; its words are in the message.</summary>
    Failed,
}

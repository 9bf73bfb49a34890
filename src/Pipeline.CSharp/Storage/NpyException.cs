namespace Superposition.Storage;

/// <summary>An .npy or .npz file is damaged, or of a kind that is not read.</summary>
public sealed class NpyException : StorageException
{
    internal NpyException(string where, NpyReason reason, string message, Exception? inner = null)
        : base(where, reason.ToString(), message, inner) => Reason = reason;

    /// <summary>What is wrong.</summary>
    public NpyReason Reason { get; }
}

using Superposition.Storage;

namespace Superposition.Sweeps;

/// <summary>A sweep's folder cannot be used.</summary>
public sealed class SweepException : StorageException
{
    internal SweepException(string where, SweepReason reason, string message, Exception? inner = null)
        : base(where, reason.ToString(), message, inner) => Reason = reason;

    /// <summary>Why.</summary>
    public SweepReason Reason { get; }
}

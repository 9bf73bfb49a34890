namespace Superposition.Storage;

/// <summary>A CSV file is malformed, or lacks the column or the kind of value asked for.</summary>
public sealed class CsvException : StorageException
{
    internal CsvException(string where, CsvReason reason, string message, Exception? inner = null)
        : base(where, reason.ToString(), message, inner) => Reason = reason;

    /// <summary>What is wrong.</summary>
    public CsvReason Reason { get; }
}

namespace Superposition.Storage;

/// <summary>
/// Something on disk is not as it must be. The message says what was expected, what was found, where, and what to do;
/// each kind of file has its own sealed exception with a <c>Reason</c> to switch on.
/// </summary>
public abstract class StorageException : IOException
{
    readonly string reason;

    private protected StorageException(string where, string reason, string message, Exception? inner = null)
        : base($"{where}: {message}", inner)
    {
        Where = where;
        this.reason = reason;
    }

    /// <summary>The file or folder, as the caller named it.</summary>
    public string Where { get; }

    /// <summary>One line for a console: <c>SafetensorsException (Hole): weights.safetensors: …</c></summary>
    public string Summary => $"{GetType().Name} ({reason}): {Message}";
}

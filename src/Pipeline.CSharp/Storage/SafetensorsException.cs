namespace Superposition.Storage;

/// <summary>A safetensors file breaks a rule of its format, or lacks the tensor asked for.</summary>
public sealed class SafetensorsException : StorageException
{
    internal SafetensorsException(string where, SafetensorsReason reason, string message, Exception? inner = null)
        : base(where, reason.ToString(), message, inner) => Reason = reason;

    /// <summary>The rule that was broken.</summary>
    public SafetensorsReason Reason { get; }
}

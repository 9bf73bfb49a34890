namespace Superposition.Storage;

/// <summary>A safetensors file breaks a rule of its format, or lacks the tensor asked for.</summary>
public sealed class SafetensorsException : StorageException
{
    internal SafetensorsException(string where, SafetensorsReason reason, string message, Exception? inner = null)
        : base(where, reason.ToString(), message, inner) => Reason = reason;

    /// <summary>The rule that was broken.</summary>
    public SafetensorsReason Reason { get; }

    internal static SafetensorsException Missing(string where, string name, IReadOnlyCollection<string> names) =>
        new(where, SafetensorsReason.TensorMissing,
            $"there is no tensor {ErrorText.Quote(name)}; there are {ErrorText.List(NearestNames.Of(name, names))}.");
}

namespace Superposition.Activations;

/// <summary>How recorded activations are read.</summary>
public sealed record RecordedActivationOptions
{
    /// <summary>Which tensor of a safetensors file; may be left out where a file has one matrix.</summary>
    public string? Tensor { get; init; }

    /// <summary>
    /// Bytes of rows, in single precision, that a shuffled cursor may hold; 256 MB. A recording that is no larger is shuffled row by row,
    /// out of the system's cache. A larger one is read in blocks, each once and in one piece, as many at a time as the buffer holds.
    /// </summary>
    public long BufferBytes { get; init; } = 256L << 20;

    internal IEnumerable<string> Problems()
    {
        if (BufferBytes < 1) yield return $"BufferBytes is {BufferBytes}; it must be at least 1.";
    }
}

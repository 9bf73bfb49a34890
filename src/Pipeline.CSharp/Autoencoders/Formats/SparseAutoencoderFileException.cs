using Superposition.Storage;

namespace Superposition.Autoencoders;

/// <summary>A file is no autoencoder that could be served as what it was, or an autoencoder does not go into a format.</summary>
public sealed class SparseAutoencoderFileException : StorageException
{
    internal SparseAutoencoderFileException(string where, SparseAutoencoderFileReason reason, string message, Exception? inner = null)
        : base(where, reason.ToString(), message, inner) => Reason = reason;

    /// <summary>What is wrong.</summary>
    public SparseAutoencoderFileReason Reason { get; }

    internal static SparseAutoencoderFileException NotInFormat(string where, string format, string what) =>
        new(where, SparseAutoencoderFileReason.NotInFormat,
            $"{format} has no name for {what}. Keep it in a run folder, or save it as ONNX, which has every form that looks at one row.");
}

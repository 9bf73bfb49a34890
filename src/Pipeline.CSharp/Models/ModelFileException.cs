using Superposition.Storage;

namespace Superposition.Models;

/// <summary>Why a model cannot be read.</summary>
public enum ModelFileReason
{
    /// <summary>There is no model of a known layout.</summary>
    NotModel,

    /// <summary>Sizes that no model has, or that do not go together.</summary>
    WrongShape,

    /// <summary>The file ends too early.</summary>
    CutShort,

    /// <summary>The file goes on behind the model.</summary>
    TrailingBytes,

    /// <summary>A weight is NaN or infinite.</summary>
    NotFinite,

    /// <summary>A part that is needed is not there.</summary>
    Missing,

    /// <summary>A part has no place in the model, or contradicts another.</summary>
    Unexpected,

    /// <summary>Not the JSON that it must be.</summary>
    NotJson,

    /// <summary>A name within a file that is no plain file name, and could lead out of the folder.</summary>
    NameInvalid,

    /// <summary>Another architecture, or a variant that is not computed here.</summary>
    NotSupported,

    /// <summary>The tokenizer is damaged, or of a kind that is not read.</summary>
    NotTokenizer,

    /// <summary>Text that is not in UTF-8.</summary>
    NotText,

    /// <summary>The tokenizer has another number of tokens than the model.</summary>
    TokenizerDoesNotFit,
}

/// <summary>A model or tokenizer on disk that cannot be read.</summary>
public sealed class ModelFileException : StorageException
{
    internal ModelFileException(string where, ModelFileReason reason, string message, Exception? inner = null)
        : base(where, reason.ToString(), message, inner) => Reason = reason;

    /// <summary>What is wrong.</summary>
    public ModelFileReason Reason { get; }
}

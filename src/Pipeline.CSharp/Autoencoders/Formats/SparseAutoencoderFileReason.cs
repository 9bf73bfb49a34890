namespace Superposition.Autoencoders;

/// <summary>Why a file is not read as an autoencoder, or an autoencoder is not written in a format.</summary>
public enum SparseAutoencoderFileReason
{
    /// <summary>It is none of the formats that are read.</summary>
    NotAnAutoencoder,

    /// <summary>A pickle, which may run code and is never loaded.</summary>
    Pickle,

    /// <summary>A file of the format is not there.</summary>
    FileMissing,

    /// <summary>The configuration is not one JSON object, has a key twice, or is too long.</summary>
    ConfigMalformed,

    /// <summary>The configuration lacks a key without which nobody could say what the weights mean.</summary>
    KeyMissing,

    /// <summary>A key has a value of the wrong type or beyond its range.</summary>
    KeyInvalid,

    /// <summary>An architecture that is not served here.</summary>
    UnknownArchitecture,

    /// <summary>A setting that would change what is computed, and that is not served here.</summary>
    NotServed,

    /// <summary>The file lacks a tensor of its architecture.</summary>
    TensorMissing,

    /// <summary>The file lacks the thresholds of its architecture, without which too many latents would fire.</summary>
    ThresholdMissing,

    /// <summary>The file has a tensor its architecture does not have, or one of a type that holds no weights.</summary>
    TensorUnexpected,

    /// <summary>A tensor has another shape than configuration and other tensors say.</summary>
    ShapesDisagree,

    /// <summary>A weight is NaN or infinite.</summary>
    NotFinite,

    /// <summary>The format to be written has no name for this autoencoder.</summary>
    NotInFormat,
}

namespace Superposition.Autoencoders;

/// <summary>Which code trains a sparse autoencoder; they agree within rounding.</summary>
public enum SparseAutoencoderEngine
{
    /// <summary>The sparse engine where the architecture has a sparse form, else autograd.</summary>
    Auto,

    /// <summary>TorchSharp's autograd: dense, for any architecture.</summary>
    Autograd,
}

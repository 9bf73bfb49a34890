using Superposition.Activations;

namespace Superposition.Autoencoders;

/// <summary>Everything an autoencoder run follows from; what <c>run.json</c> holds and <c>superposition sae</c> reads.</summary>
public sealed record SparseAutoencoderRecipe
{
    /// <summary>What it is trained on.</summary>
    public required ActivationSource Activations { get; init; }

    /// <summary>Architecture and training.</summary>
    public required SparseAutoencoderOptions Autoencoder { get; init; }
}

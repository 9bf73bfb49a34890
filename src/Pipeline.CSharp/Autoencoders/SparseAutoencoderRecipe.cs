using Superposition.Activations;
using Superposition.Training;

namespace Superposition.Autoencoders;

/// <summary>Everything an autoencoder run follows from; what <c>run.json</c> holds and <c>superposition sae</c> reads.</summary>
public sealed record SparseAutoencoderRecipe : TrainingRecipe
{
    /// <summary>What it is trained on.</summary>
    public required ActivationSource Activations { get; init; }

    /// <summary>Architecture and training.</summary>
    public required SparseAutoencoderOptions Autoencoder { get; init; }

    internal override long Seed => Autoencoder.Seed;

    internal override IEnumerable<string> Files => Activations.Files;

    internal override IEnumerable<string> Problems() => Activations.Problems().Concat(Autoencoder.Problems());
}

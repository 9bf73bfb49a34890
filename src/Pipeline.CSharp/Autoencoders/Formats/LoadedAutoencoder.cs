namespace Superposition.Autoencoders;

/// <summary>An autoencoder read from a file.</summary>
/// <param name="Autoencoder">What it computes; <see cref="SparseAutoencoder.ToTransformer"/> makes a stage of it.</param>
/// <param name="Format">What the file is, such as "SAELens jumprelu".</param>
/// <param name="Warnings">A sentence for each thing in the file that was passed over, such as a key nobody knows; usually empty.</param>
public sealed record LoadedAutoencoder(SparseAutoencoder Autoencoder, string Format, IReadOnlyList<string> Warnings);

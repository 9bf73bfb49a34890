namespace Superposition.Autoencoders;

/// <summary>What keeps a decoder from making its rows long and its latents small, which a penalty on latents would reward.</summary>
public enum DecoderNorm
{
    /// <summary>Rows stay on the unit sphere, gradients projected onto its tangent (openai/sparse_autoencoder train.py; dictionary_learning).</summary>
    Unit,

    /// <summary>
    /// Rows are free, and ‖d_j‖ weighs latent j wherever latents are compared or penalised (Anthropic, April 2024 update; SAELens
    /// rescale_acts_by_decoder_norm). Folded to 1 at the end, which changes no output.
    /// </summary>
    Free,
}

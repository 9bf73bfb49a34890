using static TorchSharp.torch;

namespace Superposition.Autoencoders;

/// <summary>What one architecture adds to the shared trainer: its loss, its decoder norm rule, and the form it serves in.</summary>
internal abstract class Architecture
{
    /// <summary>The norm that decoder rows begin with.</summary>
    public abstract double InitialDecoderNorm { get; }

    /// <summary>
    /// The scalar to descend, and what came out on the way. x: [B, d]; dead: the dead latents, ascending. Numbers that change
    /// enter expressions as tensors: TorchSharp lets a temporary Scalar be finalised while native code still reads it.
    /// </summary>
    public abstract Forward Forward(Tensor x, SparseAutoencoderParameters parameters, long[] dead, long step);

    /// <summary>Between gradient and update.</summary>
    public virtual void BeforeUpdate(SparseAutoencoderParameters parameters) { }

    /// <summary>After the update.</summary>
    public virtual void AfterUpdate(SparseAutoencoderParameters parameters) { }

    /// <summary>Whether dead latents are given new directions after this step.</summary>
    public virtual bool Resamples(long step) => false;

    /// <summary>What selects latents when the trained autoencoder is served.</summary>
    public abstract SparseActivation Activation { get; }
}

/// <summary>One batch through the autoencoder.</summary>
/// <param name="Loss">Scalar: everything that is descended.</param>
/// <param name="Latents">[B, m] z, mostly 0.</param>
/// <param name="Reconstruction">[B, d] x̂.</param>
internal readonly record struct Forward(Tensor Loss, Tensor Latents, Tensor Reconstruction);

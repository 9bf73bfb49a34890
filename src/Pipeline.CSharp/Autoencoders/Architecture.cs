using static TorchSharp.torch;

namespace Superposition.Autoencoders;

/// <summary>What one architecture adds to the shared trainer: its loss, its own parameters, and the form it serves in.</summary>
internal abstract class Architecture
{
    /// <summary>Whether the encoder is the decoder: W_enc = W_decᵀ.</summary>
    public virtual bool IsTied => false;

    /// <summary>Whether b_dec is taken off the input; transcoders, whose b_dec lies in another space, do not.</summary>
    public virtual bool CentresInput => true;

    /// <summary>Which biases are learnt.</summary>
    public virtual Biases Biases => Biases.Both;

    /// <summary>Whether W_dec begins at 0, b_enc at what takes the data's mean off, and b_dec at the target's mean.</summary>
    public virtual bool StartsSilent => false;

    /// <summary>Whether there is a W_skip [d′, d] past the latents.</summary>
    public virtual bool HasSkip => false;

    /// <summary>Whether what <see cref="Activation"/> returns holds b_enc, so that the served autoencoder has none beside it.</summary>
    public virtual bool BiasIsOwn => false;

    /// <summary>Whether decoder norms may move into the encoder: exact where z scales with h.</summary>
    public virtual bool Folds => true;

    /// <summary>Parameters beside W_enc, b_enc, W_dec and b_dec.</summary>
    public virtual IReadOnlyList<OwnParameter> OwnParameters => [];

    /// <summary>
    /// The scalar to descend, and what came out on the way. Numbers that change enter expressions as tensors: TorchSharp lets
    /// a temporary Scalar be finalised while native code still reads it.
    /// </summary>
    public abstract Forward Forward(Batch batch, SparseAutoencoderParameters parameters);

    /// <summary>The same step done sparsely, where there is such a form.</summary>
    public virtual SparseKernel? Kernel => null;

    /// <summary>Takes note of a step, before its update.</summary>
    public virtual void Observe(StepOutcome outcome) { }

    /// <summary>After the update, without gradient: brings own parameters back where they must be.</summary>
    public virtual void Constrain(SparseAutoencoderParameters parameters) { }

    /// <summary>Whether dead latents are given new directions after this step.</summary>
    public virtual bool Resamples(long step) => false;

    /// <summary>What selects latents when the trained autoencoder is served. norms: [m] ‖d_j‖, which its pre-activations gain.</summary>
    public abstract SparseActivation Activation(SparseAutoencoderParameters parameters, float[] norms);

    /// <summary>What is remembered from step to step beside the parameters; a checkpoint saves it and writes it back.</summary>
    public virtual Span<double> State => [];
}

/// <summary>A parameter [m] that only one architecture has.</summary>
/// <param name="Name">As SAELens names it.</param>
/// <param name="Initial">Value of each element in the beginning.</param>
internal readonly record struct OwnParameter(string Name, double Initial);

/// <summary>What a step works on.</summary>
/// <param name="X">[B, d]</param>
/// <param name="Target">[B, d′] What is to be reconstructed: X itself, but for a transcoder.</param>
/// <param name="Dead">The dead latents, ascending.</param>
/// <param name="Step">From 1.</param>
internal readonly record struct Batch(Tensor X, Tensor Target, long[] Dead, long Step);

/// <summary>One batch through the autoencoder.</summary>
/// <param name="Loss">Scalar: everything that is descended.</param>
/// <param name="Latents">[B, m] z, mostly 0.</param>
/// <param name="Reconstruction">[B, d′] x̂.</param>
internal readonly record struct Forward(Tensor Loss, Tensor Latents, Tensor Reconstruction);

/// <summary>What a step came to, before its update.</summary>
/// <param name="Loss">Mean over rows of everything descended.</param>
/// <param name="Errors">[B] ‖x − x̂‖² of each row.</param>
/// <param name="Fired">[m] On how many rows each latent is not 0.</param>
/// <param name="LeastKept">The smallest score |z_j|‖d_j‖ among them; +∞ where there is none.</param>
internal sealed record StepOutcome(double Loss, float[] Errors, int[] Fired, double LeastKept)
{
    /// <summary>Mean number of latents a row that are not 0.</summary>
    public double L0 => (double)Fired.Sum() / Errors.Length;
}

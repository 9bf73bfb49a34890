using Superposition.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Superposition.Autoencoders;

/// <summary>One step of an autoencoder's training: gradients first, so that a loss which is not finite changes nothing, then the update.</summary>
internal abstract class StepEngine(SparseAutoencoderParameters parameters) : IDisposable
{
    /// <summary>What is trained.</summary>
    public SparseAutoencoderParameters Parameters { get; } = parameters;

    /// <summary>What the optimiser remembers of each parameter, in the order of the parameters' names.</summary>
    public abstract IReadOnlyList<Moments<float>> Moments { get; }

    /// <summary>Forward and backward.</summary>
    public abstract StepOutcome Step(Batch batch);

    /// <summary>Clips the gradients, follows them, and brings the parameters back to where they must be.</summary>
    public abstract void Update();

    /// <summary>Parameters were written by somebody else.</summary>
    public virtual void ParametersChanged() { }

    /// <summary>Gives latents a new start in the optimiser.</summary>
    public void Forget(IReadOnlyList<long> latents)
    {
        foreach (var (name, moments) in Parameters.Names.Zip(Moments))
        {
            if (!SparseAutoencoderParameters.IsByLatent(name)) continue;
            var width = (int)(Parameters[name].NumberOfElements / Parameters[name].shape[0]);
            foreach (var latent in latents) moments.Forget((int)latent * width, width);
        }
    }

    /// <summary>The factor that brings gradients of a squared norm under the clip.</summary>
    protected static float ClipFactor(double? clip, double squaredNorm) =>
        clip is { } most && squaredNorm > most * most ? (float)(most / Math.Sqrt(squaredNorm)) : 1;

    /// <inheritdoc/>
    public virtual void Dispose() => Parameters.Dispose();
}

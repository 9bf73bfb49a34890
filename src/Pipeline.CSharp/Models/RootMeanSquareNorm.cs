using TorchSharp;
using static TorchSharp.torch;

namespace Superposition.Models;

/// <summary>x / √(mean x² + ε) · gain (Zhang and Sennrich 2019, eq. 4). Its normalised point lies before the gain.</summary>
internal sealed class RootMeanSquareNorm : IDisposable
{
    readonly Tensor gain, epsilon;
    readonly string scalePoint, normalizedPoint;

    public RootMeanSquareNorm(float[] gain, double epsilon, string name)
    {
        this.gain = tensor(gain).DetachFromDisposeScope();
        this.epsilon = tensor((float)epsilon).DetachFromDisposeScope();
        (scalePoint, normalizedPoint) = ($"{name}.hook_scale", $"{name}.hook_normalized");
    }

    /// <summary>x: [B, T, d].</summary>
    public Tensor Of(Tensor x, ForwardPass pass)
    {
        var scale = pass.At(scalePoint, Training.Sums.Of((x * x).mean([-1], keepdim: true), epsilon).sqrt());
        return pass.At(normalizedPoint, x / scale) * gain;
    }

    public void Dispose()
    {
        gain.Dispose();
        epsilon.Dispose();
    }
}

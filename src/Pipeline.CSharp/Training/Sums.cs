using TorchSharp;
using static TorchSharp.torch;

namespace Superposition.Training;

/// <summary>Sums of two tensors.</summary>
internal static class Sums
{
    // Held for good. TorchSharp's + makes a Scalar 1 each time, which the collector may finalise while native code still reads it.
    static readonly Scalar One = 1;

    /// <summary>x + y, shapes broadcast.</summary>
    public static Tensor Of(Tensor x, Tensor y) => x.add(y, One);
}

using static TorchSharp.torch;

namespace Superposition.Training;

/// <summary>Squares of differences.</summary>
internal static class Squares
{
    /// <summary>
    /// [..., i] (x − y)². Written as a product: TorchSharp's <c>square</c> makes a temporary Scalar, which the collector may
    /// finalise while native code still reads it.
    /// </summary>
    public static Tensor Elements(Tensor x, Tensor y)
    {
        var difference = x - y;
        return difference * difference;
    }

    /// <summary>[B] ‖x − y‖² of each row of [B, d].</summary>
    public static Tensor Rows(Tensor x, Tensor y) => Elements(x, y).sum(dim: 1);
}

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Superposition.DataViews;
using static TorchSharp.torch;

namespace Superposition.Autoencoders;

/// <summary>What lies in tensors on the CPU: as plain numbers, or where it is.</summary>
internal static unsafe class TensorMemory
{
    /// <summary>The first element of a contiguous tensor, which must outlive its use: libtorch's memory does not move.</summary>
    public static T* Address<T>(this Tensor tensor) where T : unmanaged => (T*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(tensor.bytes));

    public static float[] ToSingles(this Tensor tensor)
    {
        using var singles = tensor.detach().to(float32).contiguous();
        return MemoryMarshal.Cast<byte, float>(singles.bytes).ToArray();
    }

    /// <summary>The only element, whatever its precision.</summary>
    public static double ToDouble(this Tensor scalar)
    {
        using var element = scalar.to(float64);
        return element.item<double>();
    }

    public static float[,] ToMatrix(this Tensor tensor) => Rows.Matrix(tensor.ToSingles(), (int)tensor.shape[0]);
}

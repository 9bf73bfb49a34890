using System.Numerics;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Superposition.Autoencoders;

/// <summary>
/// Linear algebra in double precision that comes out the same, to the bit, whatever the number of threads. libtorch's own does not: it
/// shares out long sums, such as those over rows, among as many threads as there are.
/// </summary>
internal static unsafe class OrderedAlgebra
{
    const int RowsOfTask = 16;
    const int Chunk = 64;   // rows of B that stay close while rows of C go by

    /// <summary>[n, m] A B, every sum in the order of k. B: [k, m].</summary>
    /// <param name="a">[n, k], or [k, n] where Aᵀ is meant.</param>
    /// <param name="b">[k, m]</param>
    /// <param name="transposed">Whether it is AᵀB.</param>
    public static Tensor Product(Tensor a, Tensor b, bool transposed = false)
    {
        using Tensor left = a.contiguous(), right = b.contiguous();
        int steps = (int)b.shape[0], width = (int)b.shape[1], n = (int)(transposed ? a.shape[1] : a.shape[0]);
        var (row, step) = transposed ? (1, n) : (steps, 1);
        var product = zeros(n, width, dtype: float64);
        double* from = left.Address<double>(), with = right.Address<double>(), to = product.Address<double>();
        Parallel.For(0, (n + RowsOfTask - 1) / RowsOfTask, task =>
        {
            for (var first = 0; first < steps; first += Chunk)
                for (var i = task * RowsOfTask; i < Math.Min(n, (task + 1) * RowsOfTask); i++)
                    Add(from + (nint)i * row + (nint)first * step, step, Math.Min(Chunk, steps - first), with + (nint)first * width, width,
                        to + (nint)i * width);
        });
        return product;
    }

    /// <summary>[1, m] Of [n, m].</summary>
    public static Tensor SumOfRows(Tensor a) => Product(ones(a.shape[0], 1, dtype: float64), a, transposed: true);

    /// <summary>λ [d], ascending, and eigenvectors in the columns of [d, d], by LAPACK on one thread.</summary>
    public static (Tensor Values, Tensor Columns) Eigen(Tensor symmetric)
    {
        var threads = get_num_threads();
        set_num_threads(1);
        try
        {
            return linalg.eigh(symmetric);
        }
        finally
        {
            set_num_threads(threads);
        }
    }

    /// <summary>A tensor in double precision as an array.</summary>
    public static double[] ToDoubles(this Tensor tensor)
    {
        using var values = tensor.contiguous();
        return MemoryMarshal.Cast<byte, double>(values.bytes).ToArray();
    }

    // c += Σ_k a[k·step] b[k], four k at a time.
    static void Add(double* a, nint step, int steps, double* b, int width, double* c)
    {
        var k = 0;
        for (; k + 4 <= steps; k += 4, a += 4 * step, b += 4 * (nint)width)
        {
            double a0 = a[0], a1 = a[step], a2 = a[2 * step], a3 = a[3 * step];
            double* b1 = b + width, b2 = b1 + width, b3 = b2 + width;
            var (v0, v1, v2, v3) = (new Vector<double>(a0), new Vector<double>(a1), new Vector<double>(a2), new Vector<double>(a3));
            var i = 0;
            for (; i <= width - Vector<double>.Count; i += Vector<double>.Count)
            {
                var sum = Vector.FusedMultiplyAdd(v0, Vector.Load(b + i), Vector.Load(c + i));
                sum = Vector.FusedMultiplyAdd(v1, Vector.Load(b1 + i), sum);
                sum = Vector.FusedMultiplyAdd(v2, Vector.Load(b2 + i), sum);
                Vector.FusedMultiplyAdd(v3, Vector.Load(b3 + i), sum).Store(c + i);
            }
            for (; i < width; i++)
                c[i] = Math.FusedMultiplyAdd(a3, b3[i], Math.FusedMultiplyAdd(a2, b2[i], Math.FusedMultiplyAdd(a1, b1[i],
                    Math.FusedMultiplyAdd(a0, b[i], c[i]))));
        }
        for (; k < steps; k++, a += step, b += width)
            for (var i = 0; i < width; i++) c[i] = Math.FusedMultiplyAdd(*a, b[i], c[i]);
    }
}

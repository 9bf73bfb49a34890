using System.Runtime.Intrinsics;

namespace Superposition.Autoencoders;

/// <summary>
/// Sums of and products with few rows of a matrix, which is all that a sparse step does beside its dense product. The accumulators of a
/// block of columns stay in registers over all rows; no call in the loops, which would spill them.
/// </summary>
internal static unsafe class WeightedRows
{
    const int Lanes = 16, Block = 8 * Lanes;

    /// <summary>target [width] += Σ_c weights_c · matrix[rows_c].</summary>
    public static void Add(float* target, int width, int* rows, float* weights, int count, float* matrix)
    {
        var i = 0;
        for (; i <= width - Block; i += Block)
        {
            var t = target + i;
            var (s0, s1, s2, s3) = (Vector512.Load(t), Vector512.Load(t + Lanes), Vector512.Load(t + 2 * Lanes), Vector512.Load(t + 3 * Lanes));
            var (s4, s5, s6, s7) = (Vector512.Load(t + 4 * Lanes), Vector512.Load(t + 5 * Lanes), Vector512.Load(t + 6 * Lanes), Vector512.Load(t + 7 * Lanes));
            for (var c = 0; c < count; c++)
            {
                var row = matrix + (long)rows[c] * width + i;
                var w = Vector512.Create(weights[c]);
                s0 = Vector512.FusedMultiplyAdd(Vector512.Load(row), w, s0);
                s1 = Vector512.FusedMultiplyAdd(Vector512.Load(row + Lanes), w, s1);
                s2 = Vector512.FusedMultiplyAdd(Vector512.Load(row + 2 * Lanes), w, s2);
                s3 = Vector512.FusedMultiplyAdd(Vector512.Load(row + 3 * Lanes), w, s3);
                s4 = Vector512.FusedMultiplyAdd(Vector512.Load(row + 4 * Lanes), w, s4);
                s5 = Vector512.FusedMultiplyAdd(Vector512.Load(row + 5 * Lanes), w, s5);
                s6 = Vector512.FusedMultiplyAdd(Vector512.Load(row + 6 * Lanes), w, s6);
                s7 = Vector512.FusedMultiplyAdd(Vector512.Load(row + 7 * Lanes), w, s7);
            }
            s0.Store(t); s1.Store(t + Lanes); s2.Store(t + 2 * Lanes); s3.Store(t + 3 * Lanes);
            s4.Store(t + 4 * Lanes); s5.Store(t + 5 * Lanes); s6.Store(t + 6 * Lanes); s7.Store(t + 7 * Lanes);
        }
        for (; i <= width - Lanes; i += Lanes)
        {
            var sum = Vector512.Load(target + i);
            for (var c = 0; c < count; c++)
                sum = Vector512.FusedMultiplyAdd(Vector512.Load(matrix + (long)rows[c] * width + i), Vector512.Create(weights[c]), sum);
            sum.Store(target + i);
        }
        for (; i < width; i++)
        {
            var sum = target[i];
            for (var c = 0; c < count; c++) sum = MathF.FusedMultiplyAdd(matrix[(long)rows[c] * width + i], weights[c], sum);
            target[i] = sum;
        }
    }

    /// <summary>products_c = vector · matrix[rows_c].</summary>
    public static void Dot(float* vector, int width, int* rows, int count, float* matrix, float* products)
    {
        for (var c = 0; c < count; c++) products[c] = Dot(vector, matrix + (long)rows[c] * width, width);
    }

    /// <summary>Σ_i x_i y_i.</summary>
    public static float Dot(float* x, float* y, int width)
    {
        var (s0, s1, s2, s3, i) = (Vector512<float>.Zero, Vector512<float>.Zero, Vector512<float>.Zero, Vector512<float>.Zero, 0);
        for (; i <= width - 4 * Lanes; i += 4 * Lanes)
        {
            s0 = Vector512.FusedMultiplyAdd(Vector512.Load(x + i), Vector512.Load(y + i), s0);
            s1 = Vector512.FusedMultiplyAdd(Vector512.Load(x + i + Lanes), Vector512.Load(y + i + Lanes), s1);
            s2 = Vector512.FusedMultiplyAdd(Vector512.Load(x + i + 2 * Lanes), Vector512.Load(y + i + 2 * Lanes), s2);
            s3 = Vector512.FusedMultiplyAdd(Vector512.Load(x + i + 3 * Lanes), Vector512.Load(y + i + 3 * Lanes), s3);
        }
        for (; i <= width - Lanes; i += Lanes) s0 = Vector512.FusedMultiplyAdd(Vector512.Load(x + i), Vector512.Load(y + i), s0);
        var sum = Vector512.Sum((s0 + s1) + (s2 + s3));
        for (; i < width; i++) sum = MathF.FusedMultiplyAdd(x[i], y[i], sum);
        return sum;
    }

    /// <summary>x_i += factor · y_i.</summary>
    public static void Add(float* x, float* y, float factor, int width)
    {
        var (w, i) = (Vector512.Create(factor), 0);
        for (; i <= width - Lanes; i += Lanes) Vector512.FusedMultiplyAdd(Vector512.Load(y + i), w, Vector512.Load(x + i)).Store(x + i);
        for (; i < width; i++) x[i] = MathF.FusedMultiplyAdd(y[i], factor, x[i]);
    }
}

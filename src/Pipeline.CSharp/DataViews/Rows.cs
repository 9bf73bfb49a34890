using System.Numerics;
using System.Runtime.InteropServices;

namespace Superposition.DataViews;

/// <summary>Matrices as spans, row after row.</summary>
internal static class Rows
{
    /// <summary>All elements, row-major, in place.</summary>
    public static Span<float> Flat(float[,] matrix) => MemoryMarshal.CreateSpan(ref matrix[0, 0], matrix.Length);

    /// <summary>[rows, …] A copy of row-major values.</summary>
    public static float[,] Matrix(ReadOnlySpan<float> values, int rows)
    {
        var matrix = new float[rows, values.Length / rows];
        values.CopyTo(Flat(matrix));
        return matrix;
    }

    /// <summary>[columns, rows]</summary>
    public static float[,] Transposed(float[,] matrix)
    {
        var transposed = new float[matrix.GetLength(1), matrix.GetLength(0)];
        for (var i = 0; i < matrix.GetLength(0); i++)
            for (var j = 0; j < matrix.GetLength(1); j++) transposed[j, i] = matrix[i, j];
        return transposed;
    }

    /// <summary>One row, in place.</summary>
    public static Span<float> Row(float[,] matrix, int row) => Flat(matrix).Slice(row * matrix.GetLength(1), matrix.GetLength(1));

    /// <summary>Where the first NaN or infinity stands, or −1.</summary>
    public static int FirstNotFinite(ReadOnlySpan<float> values)
    {
        var i = 0;   // x − x is 0 for a finite x and NaN for the others
        for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var x = new Vector<float>(values[i..]);
            if (!Vector.EqualsAll(x - x, Vector<float>.Zero)) break;
        }
        for (; i < values.Length; i++)
            if (!float.IsFinite(values[i])) return i;
        return -1;
    }
}

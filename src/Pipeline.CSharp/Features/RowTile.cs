using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Superposition.Features;

/// <summary>
/// C = C₀ + A B for a few rows of A and 64 columns of B: one tile of a matrix product, its sums in registers. Every sum is one chain of
/// fused multiply-adds in the order of the steps, so a row comes out the same, to the bit, alone or among others.
/// </summary>
internal static unsafe class RowTile
{
    /// <summary>Rows that <see cref="Four"/> takes at once.</summary>
    public const int Rows = 4;

    /// <summary>Columns of a tile.</summary>
    public const int Columns = 64;

    const int Lanes = 16;

    /// <summary>c[r, 0 … 64) = start[r, …] + Σ_k a[r·aRow + k·aStep] · b[k·bStep, …] for four rows.</summary>
    /// <param name="a">Factors.</param>
    /// <param name="aRow">Elements between rows of A.</param>
    /// <param name="aStep">Elements between steps of A.</param>
    /// <param name="steps">How many k.</param>
    /// <param name="b">What is combined; on a cache line.</param>
    /// <param name="bStep">Elements between steps of B.</param>
    /// <param name="start">What the sums begin with.</param>
    /// <param name="startRow">Elements between rows of it; 0 if all begin with the same.</param>
    /// <param name="c">The sums.</param>
    /// <param name="cRow">Elements between rows of C.</param>
    public static void Four(
        float* a, nint aRow, nint aStep, int steps, float* b, nint bStep, float* start, nint startRow, float* c, nint cRow)
    {
        float* s1 = start + startRow, s2 = s1 + startRow, s3 = s2 + startRow;
        var (c00, c01, c02, c03) = (Vector512.Load(start), Vector512.Load(start + 16), Vector512.Load(start + 32), Vector512.Load(start + 48));
        var (c10, c11, c12, c13) = (Vector512.Load(s1), Vector512.Load(s1 + 16), Vector512.Load(s1 + 32), Vector512.Load(s1 + 48));
        var (c20, c21, c22, c23) = (Vector512.Load(s2), Vector512.Load(s2 + 16), Vector512.Load(s2 + 32), Vector512.Load(s2 + 48));
        var (c30, c31, c32, c33) = (Vector512.Load(s3), Vector512.Load(s3 + 16), Vector512.Load(s3 + 32), Vector512.Load(s3 + 48));
        for (var k = 0; k < steps; k++, a += aStep, b += bStep)
        {
            var (b0, b1, b2, b3) = (Vector512.Load(b), Vector512.Load(b + 16), Vector512.Load(b + 32), Vector512.Load(b + 48));
            var factor = Vector512.Create(*a);
            c00 = Vector512.FusedMultiplyAdd(factor, b0, c00);
            c01 = Vector512.FusedMultiplyAdd(factor, b1, c01);
            c02 = Vector512.FusedMultiplyAdd(factor, b2, c02);
            c03 = Vector512.FusedMultiplyAdd(factor, b3, c03);
            factor = Vector512.Create(a[aRow]);
            c10 = Vector512.FusedMultiplyAdd(factor, b0, c10);
            c11 = Vector512.FusedMultiplyAdd(factor, b1, c11);
            c12 = Vector512.FusedMultiplyAdd(factor, b2, c12);
            c13 = Vector512.FusedMultiplyAdd(factor, b3, c13);
            factor = Vector512.Create(a[2 * aRow]);
            c20 = Vector512.FusedMultiplyAdd(factor, b0, c20);
            c21 = Vector512.FusedMultiplyAdd(factor, b1, c21);
            c22 = Vector512.FusedMultiplyAdd(factor, b2, c22);
            c23 = Vector512.FusedMultiplyAdd(factor, b3, c23);
            factor = Vector512.Create(a[3 * aRow]);
            c30 = Vector512.FusedMultiplyAdd(factor, b0, c30);
            c31 = Vector512.FusedMultiplyAdd(factor, b1, c31);
            c32 = Vector512.FusedMultiplyAdd(factor, b2, c32);
            c33 = Vector512.FusedMultiplyAdd(factor, b3, c33);
        }
        Store(c, c00, c01, c02, c03);
        Store(c + cRow, c10, c11, c12, c13);
        Store(c + 2 * cRow, c20, c21, c22, c23);
        Store(c + 3 * cRow, c30, c31, c32, c33);
    }

    /// <summary>The same for one row.</summary>
    public static void One(float* a, nint aStep, int steps, float* b, nint bStep, float* start, float* c)
    {
        var (c0, c1, c2, c3) = (Vector512.Load(start), Vector512.Load(start + 16), Vector512.Load(start + 32), Vector512.Load(start + 48));
        for (var k = 0; k < steps; k++, a += aStep, b += bStep)
        {
            var factor = Vector512.Create(*a);
            c0 = Vector512.FusedMultiplyAdd(factor, Vector512.Load(b), c0);
            c1 = Vector512.FusedMultiplyAdd(factor, Vector512.Load(b + 16), c1);
            c2 = Vector512.FusedMultiplyAdd(factor, Vector512.Load(b + 32), c2);
            c3 = Vector512.FusedMultiplyAdd(factor, Vector512.Load(b + 48), c3);
        }
        Store(c, c0, c1, c2, c3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Store(float* c, Vector512<float> c0, Vector512<float> c1, Vector512<float> c2, Vector512<float> c3)
    {
        c0.Store(c);
        c1.Store(c + Lanes);
        c2.Store(c + 2 * Lanes);
        c3.Store(c + 3 * Lanes);
    }
}

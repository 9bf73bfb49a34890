using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Superposition.ToyModels;

/// <summary>What the fused kernels do to vectors of single or double precision, the same on every machine.</summary>
internal static class VectorArithmetic
{
    /// <summary>a·b + c, rounded once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Fma<T>(Vector512<T> a, Vector512<T> b, Vector512<T> c) where T : unmanaged => typeof(T) == typeof(float)
        ? Vector512.FusedMultiplyAdd(a.AsSingle(), b.AsSingle(), c.AsSingle()).As<float, T>()
        : Vector512.FusedMultiplyAdd(a.AsDouble(), b.AsDouble(), c.AsDouble()).As<double, T>();

    /// <summary>max(a, floor); a NaN stays one, so that a loss tells of it: the instruction gives its second operand then.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Max<T>(Vector512<T> a, Vector512<T> floor) where T : unmanaged => Vector512.MaxNative(floor, a);

    /// <summary>The slope of the penalty: push where h is above 0, −push where it is below.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Push<T>(Vector512<T> hidden, Vector512<T> push) where T : unmanaged =>
        Vector512.ConditionalSelect(Vector512.GreaterThan(hidden, Vector512<T>.Zero), push, Vector512<T>.Zero)
        - Vector512.ConditionalSelect(Vector512.LessThan(hidden, Vector512<T>.Zero), push, Vector512<T>.Zero);

    /// <summary>The sum of a vector's elements by halves, so that the order is the same on every machine.</summary>
    public static T Sum<T>(Vector512<T> v) where T : unmanaged, IAdditionOperators<T, T, T>
    {
        var half = v.GetLower() + v.GetUpper();
        var quarter = half.GetLower() + half.GetUpper();
        return Vector128<T>.Count == 2 ? quarter[0] + quarter[1] : quarter[0] + quarter[2] + (quarter[1] + quarter[3]);
    }
}

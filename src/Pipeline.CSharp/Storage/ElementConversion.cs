using System.Numerics;
using System.Runtime.InteropServices;

namespace Superposition.Storage;

/// <summary>Numbers to compute with, out of whatever element type a file chose.</summary>
static class ElementConversion
{
    /// <summary>All elements of an array.</summary>
    public static T[] Convert<T>(StoredArray array) where T : unmanaged, INumber<T>
    {
        var result = new T[array.Count];
        Convert<T>(array.Type, array.Bytes.Span, result);
        return result;
    }

    /// <summary>As many elements as there are places, out of as many bytes as they need.</summary>
    public static void Convert<T>(ElementType type, ReadOnlySpan<byte> bytes, Span<T> result) where T : unmanaged, INumber<T>
    {
        switch (type)
        {
            case ElementType.BOOL: From<byte, T>(bytes, result, b => b == 0 ? T.Zero : T.One); break;
            case ElementType.U8: From<byte, T>(bytes, result); break;
            case ElementType.I8: From<sbyte, T>(bytes, result); break;
            case ElementType.I16: From<short, T>(bytes, result); break;
            case ElementType.U16: From<ushort, T>(bytes, result); break;
            case ElementType.F16: From<Half, T>(bytes, result); break;
            // A BF16 is the upper half of a single, so the way back is a shift.
            case ElementType.BF16:
                From<ushort, T>(bytes, result, bits => T.CreateTruncating(BitConverter.UInt32BitsToSingle((uint)bits << 16)));
                break;
            case ElementType.I32: From<int, T>(bytes, result); break;
            case ElementType.U32: From<uint, T>(bytes, result); break;
            case ElementType.F32: From<float, T>(bytes, result); break;
            case ElementType.F64: From<double, T>(bytes, result); break;
            case ElementType.I64: From<long, T>(bytes, result); break;
            case ElementType.U64: From<ulong, T>(bytes, result); break;
            default: throw new InvalidOperationException($"{type} is no element type.");
        }
    }

    static void From<TFrom, TTo>(ReadOnlySpan<byte> bytes, Span<TTo> result)
        where TFrom : unmanaged, INumber<TFrom> where TTo : unmanaged, INumber<TTo>
    {
        var source = MemoryMarshal.Cast<byte, TFrom>(bytes);
        // The same type is copied, not converted, so that every bit of a NaN survives.
        if (typeof(TFrom) == typeof(TTo)) MemoryMarshal.Cast<TFrom, TTo>(source).CopyTo(result);
        else
            for (var i = 0; i < result.Length; i++) result[i] = TTo.CreateTruncating(source[i]);
    }

    static void From<TFrom, TTo>(ReadOnlySpan<byte> bytes, Span<TTo> result, Func<TFrom, TTo> convert) where TFrom : unmanaged
    {
        var source = MemoryMarshal.Cast<byte, TFrom>(bytes);
        for (var i = 0; i < result.Length; i++) result[i] = convert(source[i]);
    }
}

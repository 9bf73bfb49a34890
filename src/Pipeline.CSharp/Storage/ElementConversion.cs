using System.Numerics;
using System.Runtime.InteropServices;

namespace Superposition.Storage;

/// <summary>Numbers to compute with, out of whatever element type a file chose.</summary>
static class ElementConversion
{
    public static T[] Convert<T>(StoredArray array) where T : unmanaged, INumber<T> => array.Type switch
    {
        ElementType.BOOL => From<byte, T>(array, b => b == 0 ? T.Zero : T.One),
        ElementType.U8 => From<byte, T>(array),
        ElementType.I8 => From<sbyte, T>(array),
        ElementType.I16 => From<short, T>(array),
        ElementType.U16 => From<ushort, T>(array),
        ElementType.F16 => From<Half, T>(array),
        // A BF16 is the upper half of a single, so the way back is a shift.
        ElementType.BF16 => From<ushort, T>(array, bits => T.CreateTruncating(BitConverter.UInt32BitsToSingle((uint)bits << 16))),
        ElementType.I32 => From<int, T>(array),
        ElementType.U32 => From<uint, T>(array),
        ElementType.F32 => From<float, T>(array),
        ElementType.F64 => From<double, T>(array),
        ElementType.I64 => From<long, T>(array),
        ElementType.U64 => From<ulong, T>(array),
        var other => throw new InvalidOperationException($"{other} is no element type."),
    };

    static TTo[] From<TFrom, TTo>(StoredArray array) where TFrom : unmanaged, INumber<TFrom> where TTo : unmanaged, INumber<TTo>
    {
        var source = MemoryMarshal.Cast<byte, TFrom>(array.Bytes.Span);
        var result = new TTo[source.Length];
        // The same type is copied, not converted, so that every bit of a NaN survives.
        if (typeof(TFrom) == typeof(TTo)) MemoryMarshal.Cast<TFrom, TTo>(source).CopyTo(result);
        else
            for (var i = 0; i < result.Length; i++) result[i] = TTo.CreateTruncating(source[i]);
        return result;
    }

    static TTo[] From<TFrom, TTo>(StoredArray array, Func<TFrom, TTo> convert) where TFrom : unmanaged
    {
        var source = MemoryMarshal.Cast<byte, TFrom>(array.Bytes.Span);
        var result = new TTo[source.Length];
        for (var i = 0; i < result.Length; i++) result[i] = convert(source[i]);
        return result;
    }
}

using System.Collections.ObjectModel;
using System.Runtime.InteropServices;

namespace Superposition.Storage;

/// <summary>
/// An array as a file holds it: element type, shape, and row-major little-endian bytes, at most 2 GB. It never changes.
/// What reads and writes files speaks of these; what computes asks for <see cref="ToSingles"/> or <see cref="ToMatrix"/>.
/// </summary>
public sealed class StoredArray
{
    StoredArray(ElementType type, long[] shape, ReadOnlyMemory<byte> bytes)
    {
        // Every system .NET and libtorch run on together is little-endian; on another one all casts below would lie.
        if (!BitConverter.IsLittleEndian)
            throw new PlatformNotSupportedException("Stored arrays need a little-endian processor.");
        Type = type;
        Shape = new ReadOnlyCollection<long>(shape);
        Bytes = bytes;
    }

    /// <summary>What one element is.</summary>
    public ElementType Type { get; }

    /// <summary>Length of each axis, 0 or more; empty for a scalar.</summary>
    public IReadOnlyList<long> Shape { get; }

    /// <summary>The elements, row-major, little-endian, packed.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>How many elements: the product of the shape.</summary>
    public int Count => Bytes.Length / Type.Size();

    /// <summary>A copy of <paramref name="values"/> as F32.</summary>
    /// <exception cref="ArgumentException">The product of the shape is not the number of values.</exception>
    public static StoredArray Of(ReadOnlySpan<float> values, params ReadOnlySpan<long> shape) =>
        Copy(ElementType.F32, values, shape);

    /// <summary>A copy of <paramref name="values"/> as F64.</summary>
    /// <exception cref="ArgumentException">The product of the shape is not the number of values.</exception>
    public static StoredArray Of(ReadOnlySpan<double> values, params ReadOnlySpan<long> shape) =>
        Copy(ElementType.F64, values, shape);

    /// <summary>A copy of <paramref name="values"/> as I32.</summary>
    /// <exception cref="ArgumentException">The product of the shape is not the number of values.</exception>
    public static StoredArray Of(ReadOnlySpan<int> values, params ReadOnlySpan<long> shape) =>
        Copy(ElementType.I32, values, shape);

    /// <summary>A copy of <paramref name="values"/> as I64.</summary>
    /// <exception cref="ArgumentException">The product of the shape is not the number of values.</exception>
    public static StoredArray Of(ReadOnlySpan<long> values, params ReadOnlySpan<long> shape) =>
        Copy(ElementType.I64, values, shape);

    /// <summary>A copy of a matrix as F64, [rows, columns].</summary>
    public static StoredArray Of(double[,] matrix) => Of(RowAfterRow(matrix), [matrix.GetLength(0), matrix.GetLength(1)]);

    /// <summary>A copy of a matrix as F32, [rows, columns].</summary>
    public static StoredArray Of(float[,] matrix) => Of(RowAfterRow(matrix), [matrix.GetLength(0), matrix.GetLength(1)]);

    /// <summary>Wraps <paramref name="bytes"/> without a copy; the caller leaves them alone from then on.</summary>
    /// <exception cref="ArgumentException">The shape is negative, or does not need exactly these bytes.</exception>
    public static StoredArray OfBytes(ElementType type, ReadOnlyMemory<byte> bytes, params ReadOnlySpan<long> shape)
    {
        foreach (var axis in shape)
            if (axis < 0)
                throw new ArgumentException($"Shape {ErrorText.Shape(shape.ToArray())} has a negative axis.", nameof(shape));
        if (shape.Length > Shapes.MaxRank)
            throw new ArgumentException($"The shape has {shape.Length} axes; {Shapes.MaxRank} are allowed.", nameof(shape));
        if (!Shapes.TryCountBytes(shape, type.Size(), out var needed) || needed != bytes.Length)
            throw new ArgumentException(
                $"Shape {ErrorText.Shape(shape.ToArray())} does not hold the {bytes.Length / type.Size()} {type} values "
                + "given.", nameof(shape));
        return new(type, shape.ToArray(), bytes);
    }

    /// <summary>
    /// [Count] row-major. F16, BF16 and small integers exactly; F64 and integers beyond ±2^24 rounded to nearest.
    /// </summary>
    public float[] ToSingles() => ElementConversion.Convert<float>(this);

    /// <summary>[Count] row-major. Exact for every type but integers beyond ±2^53, which are rounded to nearest.</summary>
    public double[] ToDoubles() => ElementConversion.Convert<double>(this);

    /// <summary>[Count] row-major. Exact for integers up to 63 bits; other numbers are cut off.</summary>
    public long[] ToInt64s() => ElementConversion.Convert<long>(this);

    /// <summary>[rows, columns], converted as <see cref="ToDoubles"/> does.</summary>
    /// <exception cref="InvalidOperationException">The array has not two axes.</exception>
    public double[,] ToMatrix()
    {
        if (Shape.Count != 2)
            throw new InvalidOperationException($"A matrix has 2 axes; this array has {Shape.Count}: {ErrorText.Shape(Shape)}.");
        var matrix = new double[Shape[0], Shape[1]];
        Buffer.BlockCopy(ToDoubles(), 0, matrix, 0, Buffer.ByteLength(matrix));
        return matrix;
    }

    /// <summary>F32 [4096, 512]</summary>
    public override string ToString() => $"{Type} {ErrorText.Shape(Shape)}";

    static T[] RowAfterRow<T>(T[,] matrix) where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(matrix);
        var values = new T[matrix.Length];
        Buffer.BlockCopy(matrix, 0, values, 0, Buffer.ByteLength(matrix));
        return values;
    }

    static StoredArray Copy<T>(ElementType type, ReadOnlySpan<T> values, ReadOnlySpan<long> shape) where T : unmanaged =>
        OfBytes(type, MemoryMarshal.AsBytes(values).ToArray(), shape);
}

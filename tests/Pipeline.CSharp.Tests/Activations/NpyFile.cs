using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Superposition.Tests.Activations;

/// <summary>Files as numpy.save leaves them.</summary>
static class NpyFile
{
    /// <summary>Single precision.</summary>
    public static void Write(string path, float[] values, params int[] shape) => Write(path, "<f4", MemoryMarshal.AsBytes(values.AsSpan()), shape);

    /// <summary>Half precision.</summary>
    public static void WriteHalf(string path, Half[] values, params int[] shape) => Write(path, "<f2", MemoryMarshal.AsBytes(values.AsSpan()), shape);

    /// <summary>Double precision.</summary>
    public static void WriteDouble(string path, double[] values, params int[] shape) => Write(path, "<f8", MemoryMarshal.AsBytes(values.AsSpan()), shape);

    static void Write(string path, string type, ReadOnlySpan<byte> elements, int[] shape)
    {
        var sizes = string.Concat(shape.Select(size => size.ToString(CultureInfo.InvariantCulture) + ","));
        var header = Encoding.ASCII.GetBytes($"{{'descr': '{type}', 'fortran_order': False, 'shape': ({sizes}), }}".PadRight(117) + "\n");
        File.WriteAllBytes(path, [0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0, .. header, .. elements]);
    }
}

using System.Globalization;
using System.IO.Compression;
using System.Text;
using Superposition.Storage;

namespace Superposition.Tests.Storage;

/// <summary>Archives as numpy.savez leaves them, or nearly.</summary>
static class NpzBytes
{
    /// <summary>The .npy of single precision.</summary>
    public static byte[] Npy(float[] values, params int[] shape) =>
        Npy("<f4", StoredArray.Of(values, values.Length).Bytes.ToArray(), shape);

    /// <summary>A header that need not be true, and what follows it.</summary>
    public static byte[] Npy(string type, byte[] elements, params int[] shape)
    {
        var sizes = string.Concat(shape.Select(size => size.ToString(CultureInfo.InvariantCulture) + ","));
        var header = Encoding.ASCII.GetBytes($"{{'descr': '{type}', 'fortran_order': False, 'shape': ({sizes}), }}".PadRight(117) + "\n");
        return [0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0, .. header, .. elements];
    }

    /// <summary>The archive.</summary>
    public static byte[] Zip(CompressionLevel level, params (string Name, byte[] Contents)[] entries)
    {
        using var bytes = new MemoryStream();
        using (var archive = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
            foreach (var (name, contents) in entries)
                using (var entry = archive.CreateEntry(name, level).Open())
                    entry.Write(contents);
        return bytes.ToArray();
    }
}

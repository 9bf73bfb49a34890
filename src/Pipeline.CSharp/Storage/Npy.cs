using System.Buffers.Binary;
using System.Text;

namespace Superposition.Storage;

/// <summary>
/// Reads numpy's .npy files, versions 1.0 to 3.0 (numpy/lib/format.py): six magic bytes, version, header length,
/// a dictionary literal, the elements. Nothing is ever unpickled.
/// </summary>
public static class Npy
{
    /// <summary>Real headers have about a hundred bytes; numpy itself distrusts those above 10,000.</summary>
    const long MaxHeaderLength = 1_000_000;

    static ReadOnlySpan<byte> Magic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    /// <summary>Reads a whole file; lengths are checked before any memory for the array is asked for.</summary>
    /// <exception cref="NpyException">
    /// The file is damaged, or of a kind that is not read (column order, objects, big-endian).
    /// </exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static StoredArray Read(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        return Read(stream, path);
    }

    /// <summary>Reads from where the stream stands to its end.</summary>
    /// <param name="stream">Seekable, because lengths are checked against its own before anything is allocated.</param>
    /// <param name="name">What messages call it, such as the file's path.</param>
    /// <exception cref="NpyException">The bytes are damaged, or of a kind that is not read.</exception>
    public static StoredArray Read(Stream stream, string name)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (!stream.CanSeek)
            throw new ArgumentException("The stream must be seekable: its length is needed to check the header.", nameof(stream));
        return Read(stream, stream.Length - stream.Position, name);
    }

    /// <summary>Reads an array of a stream that may not be able to seek, where its length is known otherwise.</summary>
    /// <param name="stream">Where the array begins.</param>
    /// <param name="length">Bytes of the array with its header.</param>
    /// <param name="name">What messages call it.</param>
    /// <exception cref="NpyException">The bytes are damaged, or of a kind that is not read.</exception>
    internal static StoredArray Read(Stream stream, long length, string name)
    {
        try
        {
            var array = ReadLayout(stream, length, name);
            if (array.Length > Array.MaxLength)
                throw new NpyException(name, NpyReason.TooLarge,
                    $"{array} needs {array.Length} bytes; one array holds at most {Array.MaxLength}. Save it in parts.");
            var bytes = GC.AllocateUninitializedArray<byte>((int)array.Length);
            stream.ReadExactly(bytes);
            return StoredArray.OfBytes(array.Type, bytes, array.Shape);
        }
        catch (EndOfStreamException error)
        {
            throw CutShort(name, error);
        }
    }

    /// <summary>Reads the header alone and leaves the stream at the elements, which may be more than memory holds.</summary>
    /// <param name="stream">Where the array begins.</param>
    /// <param name="length">Bytes of the array with its header.</param>
    /// <param name="name">What messages call it.</param>
    /// <exception cref="NpyException">The bytes are damaged, or of a kind that is not read.</exception>
    internal static ArrayLayout ReadLayout(Stream stream, long length, string name)
    {
        try
        {
            var (type, shape, headerLength) = ReadHeader(stream, length, name);
            return new(type, shape, headerLength, CheckLength(type, shape, length - headerLength, name));
        }
        catch (EndOfStreamException error)
        {
            throw CutShort(name, error);
        }
    }

    static NpyException CutShort(string name, EndOfStreamException error) => new(name, NpyReason.CutShort,
        "the file ends within its header or its elements. Copy it again.", error);

    static (ElementType Type, long[] Shape, long Length) ReadHeader(Stream stream, long whole, string name)
    {
        Span<byte> start = stackalloc byte[Magic.Length + 2];
        if (stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) < start.Length || !start.StartsWith(Magic))
            throw new NpyException(name, NpyReason.NotNpy,
                @"an .npy file begins with \x93NUMPY and a version; this one does not. Is it a .npz or a text file?");
        var (major, minor) = (start[^2], start[^1]);
        if (major is < 1 or > 3 || minor != 0)
            throw new NpyException(name, NpyReason.UnknownVersion,
                $"versions 1.0, 2.0 and 3.0 are read, this file is {major}.{minor}. Save it again with numpy.save.");

        Span<byte> prefix = stackalloc byte[major == 1 ? sizeof(ushort) : sizeof(uint)];
        stream.ReadExactly(prefix);
        var length = major == 1
            ? BinaryPrimitives.ReadUInt16LittleEndian(prefix)
            : (long)BinaryPrimitives.ReadUInt32LittleEndian(prefix);
        var left = whole - start.Length - prefix.Length;
        if (length > Math.Min(left, MaxHeaderLength))
            throw new NpyException(name, NpyReason.HeaderTooLong,
                $"the header claims {length} bytes; at most {MaxHeaderLength} are read and {left} are left in the file. "
                + "It is damaged, or cut short.");
        var header = new byte[length];
        stream.ReadExactly(header);
        // Version 3 allows UTF-8, for the names of record fields, and records are refused; Latin-1 reads the rest of both alike.
        var (type, shape) = NpyHeader.Parse(Encoding.Latin1.GetString(header), name);
        return (type, shape, start.Length + prefix.Length + length);
    }

    static long CheckLength(ElementType type, long[] shape, long left, string name)
    {
        var array = $"{type} {ErrorText.Shape(shape)}";
        if (!Shapes.TryCountBytes(shape, type.Size(), out var needed))
            throw new NpyException(name, NpyReason.ShapeOverflow,
                $"{array} has more bytes than 63 bits can count. The header is damaged.");
        if (needed > left)
            throw new NpyException(name, NpyReason.CutShort,
                $"{array} needs {needed} bytes, the file holds {left} after its header. Copy it again.");
        if (needed < left)
            throw new NpyException(name, NpyReason.TrailingBytes,
                $"{array} needs {needed} bytes, the file holds {left} after its header. "
                + "Something was appended, or the header is wrong.");
        return needed;
    }
}

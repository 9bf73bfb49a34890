using System.Buffers.Binary;

namespace Superposition.Storage;

/// <summary>
/// The safetensors format: 8 bytes N, N bytes of JSON header, the tensors' bytes. Files of Python libraries are read and
/// theirs read ours. Rules from the format's README and its reference, safetensors/src/tensor.rs.
/// </summary>
public static class Safetensors
{
    internal const int MaxHeaderLength = 100_000_000;
    const int LongHeader = 1_000_000, LeastBytesToLongHeader = 6;

    internal const string MetadataKey = "__metadata__";

    /// <summary>Reads a whole file, having checked all of its header before any memory for a tensor is asked for.</summary>
    /// <exception cref="SafetensorsException">The file breaks a rule of the format.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static SafetensorsFile Read(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        return Read(stream, path);
    }

    /// <summary>Reads from where the stream stands to its end.</summary>
    /// <param name="stream">Seekable, because lengths are checked against its own before anything is allocated.</param>
    /// <param name="name">What messages call it, such as the file's path.</param>
    /// <exception cref="SafetensorsException">The bytes break a rule of the format.</exception>
    public static SafetensorsFile Read(Stream stream, string name)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (!stream.CanSeek)
            throw new ArgumentException("The stream must be seekable: its length is needed to check the header.", nameof(stream));
        var length = stream.Length - stream.Position;
        try
        {
            return ReadChecked(stream, length, name);
        }
        catch (EndOfStreamException error)
        {
            throw new SafetensorsException(name, SafetensorsReason.RangeOutsideFile,
                $"the file had {length} bytes and ended earlier while it was read. "
                + "Something else is writing it: wait, and read again.", error);
        }
    }

    /// <summary>
    /// Writes the file whole or not at all. Tensors stand in the reference writer's order (widest type first, then by name),
    /// metadata by key, so the same content gives the same bytes.
    /// </summary>
    /// <exception cref="SafetensorsException">A name is used twice, reserved, or no text.</exception>
    /// <exception cref="FileWriteException">The file cannot be written.</exception>
    public static void Write(string path, IEnumerable<KeyValuePair<string, StoredArray>> tensors,
        IReadOnlyDictionary<string, string>? metadata = null) =>
        AtomicFile.Write(path, stream => SafetensorsWriter.Write(stream, path, tensors, metadata));

    /// <summary>
    /// Writes to a stream what <see cref="Write(string, IEnumerable{KeyValuePair{string, StoredArray}},
    /// IReadOnlyDictionary{string, string})"/> writes to a file.
    /// </summary>
    /// <exception cref="SafetensorsException">A name is used twice, reserved, or no text.</exception>
    public static void Write(Stream stream, IEnumerable<KeyValuePair<string, StoredArray>> tensors,
        IReadOnlyDictionary<string, string>? metadata = null) =>
        SafetensorsWriter.Write(stream, "stream", tensors, metadata);

    static SafetensorsFile ReadChecked(Stream stream, long length, string name)
    {
        var (entries, _, metadata) = ReadHeader(stream, length, name);
        foreach (var entry in entries)
            if (entry.End - entry.Begin > Array.MaxLength)
                throw new SafetensorsException(name, SafetensorsReason.TensorTooLarge,
                    $"{entry} has {entry.End - entry.Begin} bytes; one array holds at most {Array.MaxLength}. Save it in parts.");
        var tensors = new OrderedDictionary<string, StoredArray>(StringComparer.Ordinal);
        foreach (var entry in entries)
        {
            var bytes = GC.AllocateUninitializedArray<byte>((int)(entry.End - entry.Begin));
            stream.ReadExactly(bytes); // ranges follow one another without a hole, so no seeking
            tensors.Add(entry.Name, StoredArray.OfBytes(entry.Type, bytes, entry.Shape));
        }
        return new(name, tensors, metadata.AsReadOnly());
    }

    /// <summary>Reads the header alone: where the tensors lie, in the order of their bytes, which may be more than memory holds.</summary>
    /// <param name="stream">Where the file begins.</param>
    /// <param name="length">Its bytes.</param>
    /// <param name="name">What messages call it.</param>
    /// <exception cref="SafetensorsException">The bytes break a rule of the format.</exception>
    internal static OrderedDictionary<string, ArrayLayout> ReadLayouts(Stream stream, long length, string name)
    {
        var (entries, offset, _) = ReadHeader(stream, length, name);
        return new(entries.Select(entry =>
            KeyValuePair.Create(entry.Name, new ArrayLayout(entry.Type, entry.Shape, offset + entry.Begin, entry.End - entry.Begin))),
            StringComparer.Ordinal);
    }

    static (IReadOnlyList<SafetensorsEntry> Entries, long Offset, Dictionary<string, string> Metadata) ReadHeader(
        Stream stream, long length, string name)
    {
        if (length < sizeof(ulong))
            throw new SafetensorsException(name, SafetensorsReason.FileTooShort,
                $"a safetensors file has at least 8 bytes, this one has {length}. The file is cut short: copy it again.");
        Span<byte> prefix = stackalloc byte[sizeof(ulong)];
        stream.ReadExactly(prefix);
        var headerLength = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (headerLength > MaxHeaderLength)
            throw new SafetensorsException(name, SafetensorsReason.HeaderTooLong,
                $"the header claims {headerLength} bytes; the format allows {MaxHeaderLength}. "
                + "This is not a safetensors file, or it is damaged.");
        var offset = sizeof(ulong) + (long)headerLength;
        if (offset > length)
            throw new SafetensorsException(name, SafetensorsReason.HeaderOutsideFile,
                $"the header claims {headerLength} bytes, the file has {length - sizeof(ulong)}. "
                + "The file is cut short: copy it again.");
        // A header becomes many times its bytes in memory; tensors of nothing could fill one as long as the file.
        if (headerLength > LongHeader && (long)headerLength > length / LeastBytesToLongHeader)
            throw new SafetensorsException(name, SafetensorsReason.HeaderTooLong,
                $"the header claims {headerLength} of the file's {length} bytes; above {LongHeader} it may have no more than one in {LeastBytesToLongHeader}. "
                + "It describes next to nothing: save the file again.");
        var header = new byte[headerLength];
        stream.ReadExactly(header);
        var (entries, metadata) = SafetensorsHeader.Parse(header, name);
        return (SafetensorsLayout.Check(entries, length - offset, name), offset, metadata);
    }
}

using System.Buffers;
using System.Buffers.Binary;
using System.Collections.ObjectModel;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Superposition.Storage;

/// <summary>
/// Writes in the reference writer's order and padding: the same tensors and metadata give the same bytes, in whatever order they
/// come.
/// </summary>
static class SafetensorsWriter
{
    /// <summary>
    /// The buffer then begins on a multiple of 8 bytes and, wide types being first, each tensor on one of its element's size.
    /// </summary>
    const int Alignment = 8;

    static readonly Comparer<byte[]> InByteOrder =
        Comparer<byte[]>.Create((left, right) => left.AsSpan().SequenceCompareTo(right));

    static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static void Write(Stream stream, string where, IEnumerable<KeyValuePair<string, StoredArray>> tensors,
        IReadOnlyDictionary<string, string>? metadata)
    {
        // The reference sorts by the UTF-8 bytes of names; string comparison differs beyond the 65,536 characters of UTF-16.
        var sorted = CheckNames(tensors.ToList(), where)
            .OrderByDescending(tensor => tensor.Value.Type)
            .ThenBy(tensor => Encode(tensor.Key, where), InByteOrder)
            .ToList();
        var header = Header(sorted, metadata ?? ReadOnlyDictionary<string, string>.Empty, where);
        if (header.Length > Safetensors.MaxHeaderLength)
            throw new SafetensorsException(where, SafetensorsReason.HeaderTooLong,
                $"the header would have {header.Length} bytes; the format allows {Safetensors.MaxHeaderLength}. "
                + "Store fewer tensors, or less metadata.");

        Span<byte> length = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
        stream.Write(length);
        stream.Write(header);
        foreach (var (_, array) in sorted) stream.Write(array.Bytes.Span);
    }

    static ReadOnlySpan<byte> Header(
        List<KeyValuePair<string, StoredArray>> tensors, IReadOnlyDictionary<string, string> metadata, string where)
    {
        var buffer = new ArrayBufferWriter<byte>();
        // Names stay readable: the default escapes much more, for text that is pasted into web pages, and this never is.
        using (var json = new Utf8JsonWriter(buffer, new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            WriteMetadata(json, metadata, where);
            var offset = 0L;
            foreach (var (name, array) in tensors)
            {
                json.WriteStartObject(name);
                json.WriteString("dtype", array.Type.ToString());
                WriteIntegers(json, "shape", array.Shape);
                WriteIntegers(json, "data_offsets", [offset, offset += array.Bytes.Length]);
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        while (buffer.WrittenCount % Alignment != 0) buffer.Write(" "u8);
        return buffer.WrittenSpan;
    }

    static void WriteMetadata(Utf8JsonWriter json, IReadOnlyDictionary<string, string> metadata, string where)
    {
        if (metadata.Count == 0) return;
        json.WriteStartObject(Safetensors.MetadataKey);
        foreach (var (key, value) in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            json.WriteString(Encode(key, where), Encode(value, where));
        json.WriteEndObject();
    }

    static void WriteIntegers(Utf8JsonWriter json, string key, IEnumerable<long> values)
    {
        json.WriteStartArray(key);
        foreach (var value in values) json.WriteNumberValue(value);
        json.WriteEndArray();
    }

    static List<KeyValuePair<string, StoredArray>> CheckNames(List<KeyValuePair<string, StoredArray>> tensors, string where)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, _) in tensors)
        {
            Encode(name, where);
            if (name == Safetensors.MetadataKey)
                throw new SafetensorsException(where, SafetensorsReason.NameInvalid,
                    $"a tensor cannot be named {ErrorText.Quote(name)}; the format keeps that name for metadata. Rename it.");
            if (!names.Add(name))
                throw new SafetensorsException(where, SafetensorsReason.DuplicateTensor,
                    $"two tensors are named {ErrorText.Quote(name)}; names must differ. Rename one.");
        }
        return tensors;
    }

    /// <summary>
    /// The JSON writer would turn half a surrogate pair into U+FFFD, and what is read would not be what was written.
    /// </summary>
    static byte[] Encode(string text, string where)
    {
        try
        {
            return StrictUtf8.GetBytes(text);
        }
        catch (EncoderFallbackException error)
        {
            throw new SafetensorsException(where, SafetensorsReason.NameInvalid,
                $"{ErrorText.Quote(text)} is no Unicode text: it has half of a surrogate pair. "
                + "Names and metadata must be text.", error);
        }
    }
}

using System.Buffers;
using System.Buffers.Binary;
using System.Collections.ObjectModel;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Superposition.Storage;

/// <summary>Writes what the reference writer writes: the same tensors and metadata give the same bytes, in whatever order they come.</summary>
static class SafetensorsWriter
{
    /// <summary>The buffer then begins on a multiple of 8 bytes, and with tensors of wide types first each begins on a multiple of its own size.</summary>
    const int Alignment = 8;

    static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static void Write(Stream stream, string where, IEnumerable<KeyValuePair<string, StoredArray>> tensors,
        IReadOnlyDictionary<string, string>? metadata)
    {
        // The reference sorts by the bytes of the names, which string comparison only does for the first 65,536 characters of Unicode.
        var sorted = tensors
            .OrderByDescending(tensor => tensor.Value.Type)
            .ThenBy(tensor => Encode(tensor.Key, where), Comparer<byte[]>.Create((left, right) => left.AsSpan().SequenceCompareTo(right)))
            .ToList();
        CheckNames(sorted, where);
        var header = Header(sorted, metadata ?? ReadOnlyDictionary<string, string>.Empty, where);
        if (header.Length > Safetensors.MaxHeaderLength)
            throw new SafetensorsException(where, SafetensorsReason.HeaderTooLong,
                $"the header would have {header.Length} bytes; the format allows {Safetensors.MaxHeaderLength}. Store fewer tensors, or less metadata.");

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
        // Only JSON's own characters are escaped, as in the reference; the file is never pasted into a web page.
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

    static void CheckNames(List<KeyValuePair<string, StoredArray>> tensors, string where)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, _) in tensors)
        {
            if (name == Safetensors.MetadataKey)
                throw new SafetensorsException(where, SafetensorsReason.NameInvalid,
                    $"a tensor cannot be named {ErrorText.Quote(name)}; the format keeps that name for metadata. Rename it.");
            if (!names.Add(name))
                throw new SafetensorsException(where, SafetensorsReason.DuplicateTensor,
                    $"two tensors are named {ErrorText.Quote(name)}; names must differ. Rename one.");
        }
    }

    /// <summary>The JSON writer would turn half a surrogate pair into U+FFFD, and what is read would not be what was written.</summary>
    static byte[] Encode(string text, string where)
    {
        try
        {
            return StrictUtf8.GetBytes(text);
        }
        catch (EncoderFallbackException error)
        {
            throw new SafetensorsException(where, SafetensorsReason.NameInvalid,
                $"{ErrorText.Quote(text)} is no Unicode text: it has half of a surrogate pair. Names and metadata must be text.", error);
        }
    }
}

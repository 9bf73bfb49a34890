using System.Text.Json;
using System.Text.Unicode;

namespace Superposition.Storage;

/// <summary>
/// Reads the JSON header of a safetensors file. Stricter than the reference in one point: a key it does not know in a tensor's
/// entry is refused, because a later format that adds one (a scale, say) would otherwise be read as the wrong numbers.
/// </summary>
ref struct SafetensorsHeader
{
    /// <summary>Header, entry, shape: nothing in the format is nested deeper.</summary>
    const int Depth = 3;

    readonly string where;
    Utf8JsonReader reader;

    SafetensorsHeader(ReadOnlySpan<byte> json, string where)
    {
        this.where = where;
        reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = Depth });
    }

    /// <summary>The entries in the header's order, each checked alone, and the metadata.</summary>
    /// <exception cref="SafetensorsException">The header is not what the format says.</exception>
    public static (List<SafetensorsEntry> Entries, Dictionary<string, string> Metadata) Parse(
        ReadOnlySpan<byte> json, string where)
    {
        if (json.IsEmpty || json[0] != '{')
            throw new SafetensorsException(where, SafetensorsReason.HeaderNotJson,
                "the header must begin with '{'. This is not a safetensors file, or it is damaged.");
        if (!Utf8.IsValid(json))
            throw new SafetensorsException(where, SafetensorsReason.HeaderNotJson,
                "the header is not UTF-8. The file is damaged: copy it again.");
        try
        {
            return new SafetensorsHeader(json, where).ParseObject();
        }
        catch (JsonException error)
        {
            throw new SafetensorsException(where, SafetensorsReason.HeaderNotJson,
                $"the header is not the JSON of the format: {error.Message} "
                + "The file is damaged, or its writer is at fault.", error);
        }
    }

    (List<SafetensorsEntry>, Dictionary<string, string>) ParseObject()
    {
        var entries = new List<SafetensorsEntry>();
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        var names = new HashSet<string>(StringComparer.Ordinal);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = Text();
            if (!names.Add(name))
                throw Error(SafetensorsReason.DuplicateTensor,
                    $"{ErrorText.Quote(name)} stands twice in the header; names must differ.");
            reader.Read();
            if (name == Safetensors.MetadataKey) ReadMetadata(metadata);
            else entries.Add(ReadEntry(name));
        }
        reader.Read(); // throws if anything but blanks follows
        return (entries, metadata);
    }

    void ReadMetadata(Dictionary<string, string> metadata)
    {
        if (reader.TokenType != JsonTokenType.StartObject) throw NotStrings($"found a {reader.TokenType}");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = Text();
            reader.Read();
            if (reader.TokenType != JsonTokenType.String) throw NotStrings($"{ErrorText.Quote(key)} is a {reader.TokenType}");
            if (!metadata.TryAdd(key, Text()))
                throw Error(SafetensorsReason.DuplicateKey,
                    $"{Safetensors.MetadataKey} has {ErrorText.Quote(key)} twice; keys must differ.");
        }
    }

    SafetensorsEntry ReadEntry(string name)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            throw Malformed(name, $"is a {reader.TokenType}");
        string? type = null;
        List<long>? shape = null, range = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = Text();
            if (key switch { "dtype" => type != null, "shape" => shape != null, "data_offsets" => range != null, _ => false })
                throw Error(SafetensorsReason.DuplicateKey, $"tensor {ErrorText.Quote(name)} has {key} twice; keys must differ.");
            reader.Read();
            if (key == "dtype" && reader.TokenType == JsonTokenType.String) type = Text();
            else if (key == "shape") shape = Integers(name, key, Shapes.MaxRank);
            else if (key == "data_offsets") range = Integers(name, key, 2);
            else throw Malformed(name, $"has {ErrorText.Quote(key)} with a {reader.TokenType}");
        }
        if (type is null || shape is null || range is not [var begin, var end]) throw Malformed(name, "lacks one of them");
        if (!ElementTypes.TryParse(type, out var elementType))
            throw Error(SafetensorsReason.UnknownType,
                $"tensor {ErrorText.Quote(name)} is of type {ErrorText.Quote(type)}; what is read is {ElementTypes.Names}. "
                + "Save it as one of these.");
        return new(name, elementType, [.. shape], begin, end);
    }

    List<long> Integers(string name, string key, int most)
    {
        if (reader.TokenType != JsonTokenType.StartArray) throw Malformed(name, $"has {key} with a {reader.TokenType}");
        var values = new List<long>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out var value))
                throw Malformed(name, $"has {key} with an element that is no 64-bit integer");
            if (values.Count == most) throw Malformed(name, $"has {key} with more than {most} elements");
            values.Add(value);
        }
        return values;
    }

    readonly string Text()
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException error) // an escaped half of a surrogate pair, such as "\ud800"
        {
            throw new JsonException("A string is no Unicode text.", error);
        }
    }

    readonly SafetensorsException NotStrings(string found) =>
        Error(SafetensorsReason.MetadataNotStrings,
            $"{Safetensors.MetadataKey} must be an object of strings; {found}. Store other values as text.");

    readonly SafetensorsException Malformed(string name, string found) => Error(SafetensorsReason.EntryMalformed,
        $"the entry of tensor {ErrorText.Quote(name)} must hold dtype (a string), shape (integers) "
        + $"and data_offsets (two integers), and nothing else; it {found}.");

    readonly SafetensorsException Error(SafetensorsReason reason, string message) => new(where, reason, message);
}

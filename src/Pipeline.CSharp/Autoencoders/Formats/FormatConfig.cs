using System.Text.Json;
using System.Text.Unicode;
using Superposition.Storage;

namespace Superposition.Autoencoders;

/// <summary>
/// The cfg.json of a foreign format. Every key is either asked for or known to say nothing about what is computed; the others are
/// told by name.
/// </summary>
internal sealed class FormatConfig
{
    /// <summary>Real ones have a few thousand bytes.</summary>
    const long LongestFile = 250_000;

    readonly string where;
    readonly OrderedDictionary<string, JsonElement> values = new(StringComparer.Ordinal);
    readonly HashSet<string> asked = new(StringComparer.Ordinal);

    FormatConfig(JsonElement json, string where)
    {
        this.where = where;
        foreach (var member in json.EnumerateObject()) values.Add(member.Name, member.Value);
    }

    /// <exception cref="SparseAutoencoderFileException">There is no such file, or it is not one JSON object whose keys differ.</exception>
    public static FormatConfig Read(string path)
    {
        var file = new FileInfo(path);
        if (!file.Exists)
            throw new SparseAutoencoderFileException(path, SparseAutoencoderFileReason.FileMissing,
                "there is no such file, and without it nobody can say what the weights beside it mean. Copy it too.");
        using var stream = file.OpenRead();
        return Read(stream, path);
    }

    /// <inheritdoc cref="Read(string)"/>
    public static FormatConfig Read(Stream stream, string path)
    {
        if (stream.Length > LongestFile) throw Malformed(path, $"it has {stream.Length} bytes, at most {LongestFile} are read");
        try
        {
            var text = new byte[stream.Length];
            stream.ReadExactly(text);
            if (!Utf8.IsValid(text)) throw Malformed(path, "it is not UTF-8");
            using var json = JsonDocument.Parse(text, new() { AllowDuplicateProperties = false });
            return json.RootElement.ValueKind == JsonValueKind.Object
                ? new(json.RootElement.Clone(), path)
                : throw Malformed(path, $"it is a JSON {json.RootElement.ValueKind}");
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)   // the latter: half of a surrogate pair
        {
            throw Malformed(path, error.Message.TrimEnd('.'), error);
        }
    }

    /// <summary>Whether the key is there and not null.</summary>
    public bool Has(string key)
    {
        asked.Add(key);
        return values.TryGetValue(key, out var value) && value.ValueKind != JsonValueKind.Null;
    }

    /// <summary>A whole number of 1 or more that must be there.</summary>
    public int Count(string key)
    {
        var value = Needed(key);
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var count) && count >= 1
            ? count
            : throw Invalid(key, "a whole number of at least 1");
    }

    /// <summary>A number that must be there.</summary>
    public double Number(string key)
    {
        var value = Needed(key);
        return value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && double.IsFinite(number)
            ? number
            : throw Invalid(key, "a finite number");
    }

    /// <summary>True or false; the fallback where the key is missing or null.</summary>
    public bool Flag(string key, bool fallback) => !Has(key) ? fallback : values[key].ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Invalid(key, "true or false"),
    };

    /// <summary>Whether it is true or false, and not a text or a number.</summary>
    public bool IsFlag(string key) => Has(key) && values[key].ValueKind is JsonValueKind.True or JsonValueKind.False;

    /// <summary>A text; the fallback where the key is missing or null; an error where there is no fallback.</summary>
    public string Text(string key, string? fallback = null)
    {
        if (fallback is not null && !Has(key)) return fallback;
        var value = Needed(key);
        try
        {
            return value.ValueKind == JsonValueKind.String ? value.GetString()! : throw Invalid(key, "a text");
        }
        catch (InvalidOperationException)   // half of a surrogate pair
        {
            throw Invalid(key, "a text");
        }
    }

    /// <summary>An object within; null where the key is missing or null.</summary>
    public FormatConfig? Object(string key) => !Has(key) ? null
        : values[key].ValueKind == JsonValueKind.Object ? new(values[key], $"{where}: {ErrorText.Quote(key)}")
        : throw Invalid(key, "an object");

    /// <summary>Names keys that say nothing about what is computed.</summary>
    public void Know(params ReadOnlySpan<string> keys)
    {
        foreach (var key in keys) asked.Add(key);
    }

    /// <summary>A sentence for each key that nobody asked for.</summary>
    public IEnumerable<string> Warnings() => values.Keys.Where(key => !asked.Contains(key)).Select(key =>
        $"{where}: {ErrorText.Quote(key)} is unknown here and was passed over. See whether it changes what is computed.");

    /// <summary>An error about the value of a key.</summary>
    public SparseAutoencoderFileException Invalid(string key, string expected) => new(where, SparseAutoencoderFileReason.KeyInvalid,
        $"{ErrorText.Quote(key)}: expected {expected}, found {Shown(key)}. Correct the file, or export it again.");

    /// <summary>An error about a setting that would change what is computed.</summary>
    public SparseAutoencoderFileException NotServed(string key, string why) => new(where, SparseAutoencoderFileReason.NotServed,
        $"{ErrorText.Quote(key)} is {Shown(key)}: {why}");

    /// <summary>An error about an architecture.</summary>
    public SparseAutoencoderFileException UnknownArchitecture(string key, string known) => new(
        where, SparseAutoencoderFileReason.UnknownArchitecture,
        $"{ErrorText.Quote(key)} is {Shown(key)}; what is served is {known}. It is not loaded as one of these.");

    JsonElement Needed(string key) => Has(key) ? values[key] : throw new SparseAutoencoderFileException(
        where, SparseAutoencoderFileReason.KeyMissing,
        $"there is no {ErrorText.Quote(key)}; there are {ErrorText.List([.. values.Keys])}. Export it again, or add the key.");

    string Shown(string key) => values.TryGetValue(key, out var value) ? ErrorText.Quote(value.GetRawText().Trim('"')) : "none";

    static SparseAutoencoderFileException Malformed(string path, string found, Exception? inner = null) => new(
        path, SparseAutoencoderFileReason.ConfigMalformed,
        $"expected one JSON object whose keys differ; {found}. Copy it again, or export it again.", inner);
}

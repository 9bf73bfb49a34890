using System.Text.Json;
using System.Text.Unicode;
using Superposition.Storage;

namespace Superposition.Models;

/// <summary>An object of a JSON file of a model's folder; what it asks for and does not find is an error that names the key.</summary>
internal sealed class ModelJson
{
    // The vocabulary of Llama 3 with its merges has 17 MB; the list of a large model's tensors, 0.2 MB.
    const long LongestTokenizer = 256_000_000, LongestFile = 1_000_000;

    // Which some editors put before UTF-8.
    static ReadOnlySpan<byte> Mark => [0xEF, 0xBB, 0xBF];

    readonly string where;
    readonly ModelFileReason reason;
    readonly JsonElement json;

    ModelJson(JsonElement json, string where, ModelFileReason reason) => (this.json, this.where, this.reason) = (json, where, reason);

    /// <summary>Reads a file that must be there.</summary>
    /// <param name="path">The file.</param>
    /// <param name="reason">Why it is refused where its values are wrong.</param>
    /// <exception cref="ModelFileException">It is not one JSON object whose keys differ.</exception>
    public static ModelJson Read(string path, ModelFileReason reason = ModelFileReason.NotJson)
    {
        using var stream = File.OpenRead(path);
        return Read(stream, path, reason);
    }

    /// <inheritdoc cref="Read(string, ModelFileReason)"/>
    public static ModelJson Read(Stream stream, string path, ModelFileReason reason = ModelFileReason.NotJson)
    {
        var longest = reason == ModelFileReason.NotTokenizer ? LongestTokenizer : LongestFile;
        if (stream.Length > longest) throw Malformed($"it has {stream.Length} bytes, at most {longest} are read");
        try
        {
            var text = new byte[stream.Length];
            stream.ReadExactly(text);
            if (!Utf8.IsValid(text)) throw Malformed("it is not UTF-8");
            using var document = JsonDocument.Parse(text.AsMemory(text.AsSpan().StartsWith(Mark) ? Mark.Length : 0), new() { AllowDuplicateProperties = false });
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? new(document.RootElement.Clone(), path, reason)
                : throw Malformed($"it is a JSON {document.RootElement.ValueKind}");
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)   // the latter: half of a surrogate pair
        {
            throw Malformed(error.Message.TrimEnd('.'), error);
        }

        ModelFileException Malformed(string found, Exception? inner = null) => new(path, reason,
            $"expected one JSON object whose keys differ; {found}. Copy it again.", inner);
    }

    /// <summary>Whether the key is there and not null.</summary>
    public bool Has(string key) => json.TryGetProperty(key, out var value) && value.ValueKind != JsonValueKind.Null;

    /// <summary>A whole number within limits; the fallback where there is none, an error where there is no fallback.</summary>
    public int Count(string key, int most, int? fallback = null, int least = 1)
    {
        if (fallback is { } other && !Has(key)) return other;
        return Needed(key) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt32(out var count) && count >= least && count <= most
            ? count
            : throw Invalid(key, $"a whole number from {least} to {most}");
    }

    /// <summary>All keys with whole numbers from 0 to a most. (To ask for one key is to look through all before it.)</summary>
    public Dictionary<string, int> Numbers(int most) => json.EnumerateObject().ToDictionary(member => member.Name,
        member => member.Value.ValueKind == JsonValueKind.Number && member.Value.TryGetInt32(out var number) && number >= 0 && number <= most
            ? number
            : throw Invalid(member.Name, $"a whole number from 0 to {most}"), StringComparer.Ordinal);

    /// <summary>A number; the fallback where there is none.</summary>
    public double Number(string key, double fallback)
    {
        if (!Has(key)) return fallback;
        return Needed(key) is { ValueKind: JsonValueKind.Number } value && value.TryGetDouble(out var number) && double.IsFinite(number)
            ? number
            : throw Invalid(key, "a finite number");
    }

    /// <summary>True or false; the fallback where there is neither.</summary>
    public bool Flag(string key, bool fallback = false) => !Has(key) ? fallback : Needed(key).ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Invalid(key, "true or false"),
    };

    /// <summary>A text; the fallback where there is none, an error where there is no fallback.</summary>
    public string Text(string key, string? fallback = null) =>
        fallback is not null && !Has(key) ? fallback : TextOf(Needed(key)) ?? throw Invalid(key, "a text");

    /// <summary>An object within; null where there is none.</summary>
    public ModelJson? Object(string key) => !Has(key) ? null
        : Needed(key).ValueKind == JsonValueKind.Object ? new(json.GetProperty(key), $"{where}: {ErrorText.Quote(key)}", reason)
        : throw Invalid(key, "an object");

    /// <summary>Whether it is a list.</summary>
    public bool IsList(string key) => Has(key) && Needed(key).ValueKind == JsonValueKind.Array;

    /// <summary>The elements of a list; none where there is no list.</summary>
    public IEnumerable<JsonElement> List(string key) => !Has(key) ? []
        : Needed(key).ValueKind == JsonValueKind.Array ? Needed(key).EnumerateArray()
        : throw Invalid(key, "a list");

    /// <summary>The objects of a list.</summary>
    public IEnumerable<ModelJson> Objects(string key) => List(key).Select(element => element.ValueKind == JsonValueKind.Object
        ? new ModelJson(element, $"{where}: {ErrorText.Quote(key)}", reason)
        : throw Invalid(key, "a list of objects"));

    /// <summary>All keys.</summary>
    public IEnumerable<string> Keys => json.EnumerateObject().Select(member => member.Name);

    /// <summary>The text of a JSON string; null where it is none.</summary>
    public static string? TextOf(JsonElement element)
    {
        try
        {
            return element.ValueKind == JsonValueKind.String ? element.GetString() : null;
        }
        catch (InvalidOperationException)   // half of a surrogate pair
        {
            return null;
        }
    }

    /// <summary>The value as the file writes it, shortened; none where there is none.</summary>
    public string Shown(string key) => json.TryGetProperty(key, out var value) ? ErrorText.Quote(value.GetRawText().Trim('"')) : "none";

    /// <summary>An error about the value of a key.</summary>
    public ModelFileException Invalid(string key, string expected) => new(where, reason,
        $"{ErrorText.Quote(key)}: expected {expected}, found {Shown(key)}. Correct the file, or copy it again.");

    JsonElement Needed(string key) => Has(key) ? json.GetProperty(key) : throw new ModelFileException(where, ModelFileReason.Missing,
        $"expected {ErrorText.Quote(key)}; there are {ErrorText.List([.. Keys])}. Copy the file again, or add the key.");
}

using System.Text.Encodings.Web;
using System.Text.Json;

namespace Superposition.Storage;

/// <summary>
/// Between a manifest with its files and the bytes of run.json: indented, keys in one order, the same everywhere.
/// </summary>
static class RunManifestJson
{
    const int Format = 1;

    // Each costs a parser tens of bytes, and takes two of the file: more than these would need many times its size.
    const int MostTokens = 300_000, LeastBytesToToken = 12;

    public static void Write(Stream stream, RunManifest manifest, IEnumerable<KeyValuePair<string, RunFile>> files)
    {
        // The new line is said, or Windows would write other bytes.
        var encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
        using (var json = new Utf8JsonWriter(stream, new() { Indented = true, NewLine = "\n", Encoder = encoder }))
        {
            json.WriteStartObject();
            json.WriteNumber("format", Format);
            json.WriteString("kind", Word(manifest.Kind));
            json.WriteString("name", manifest.Name);
            json.WriteString("status", Word(manifest.Status));
            json.WritePropertyName("recipe");
            manifest.Recipe.WriteTo(json);
            json.WriteStartObject("versions");
            foreach (var (name, version) in manifest.Versions.OrderBy(pair => pair.Key, StringComparer.Ordinal))
                json.WriteString(name, version);
            json.WriteEndObject();
            json.WriteStartObject("files");
            foreach (var (name, file) in files.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            {
                json.WriteStartObject(name);
                json.WriteString("sha256", file.Sha256);
                json.WriteNumber("bytes", file.Bytes);
                json.WriteEndObject();
            }
            json.WriteEndObject();
            json.WriteEndObject();
        }
        stream.WriteByte((byte)'\n');
    }

    /// <exception cref="RunFolderException">The bytes are no manifest, or of another format.</exception>
    public static (RunManifest Manifest, IReadOnlyDictionary<string, RunFile> Files) Parse(byte[] bytes, string where)
    {
        try
        {
            if (Tokens(bytes) is var tokens && tokens > MostTokens + bytes.Length / LeastBytesToToken)
                throw new JsonException($"There are more words in it than any run's has: {tokens}.");
            using var document = JsonDocument.Parse(bytes, new JsonDocumentOptions { AllowDuplicateProperties = false });
            var root = document.RootElement;
            CheckFormat(root, where);
            var manifest = new RunManifest
            {
                Kind = WordOf<RunKind>(root.GetProperty("kind")),
                Name = Text(root.GetProperty("name")),
                Status = WordOf<RunStatus>(root.GetProperty("status")),
                Recipe = root.GetProperty("recipe").Clone(),
                Versions = root.GetProperty("versions").EnumerateObject()
                    .ToDictionary(pair => pair.Name, pair => Text(pair.Value)).AsReadOnly(),
            };
            return (manifest, Files(root.GetProperty("files"), where));
        }
        // JsonElement throws these for bad syntax, a value of another kind, a missing key, and a number that does not fit.
        catch (Exception error)
            when (error is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new RunFolderException(where, RunFolderReason.ManifestMalformed,
                $"must be an object of format, kind, name, status, recipe, versions and files: {error.Message} Restore the file, "
                + "or run again.", error);
        }
    }

    static int Tokens(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        var count = 0;
        while (reader.Read()) count++;
        return count;
    }

    static Dictionary<string, RunFile> Files(JsonElement list, string where)
    {
        var files = new Dictionary<string, RunFile>(StringComparer.Ordinal);
        foreach (var file in list.EnumerateObject())
        {
            if (!RunFile.IsPlainName(file.Name)) throw RunFolderException.InvalidName(where, file.Name);
            files.Add(file.Name, new(Text(file.Value.GetProperty("sha256")), file.Value.GetProperty("bytes").GetInt64()));
        }
        return files;
    }

    static void CheckFormat(JsonElement root, string where)
    {
        var format = root.GetProperty("format").GetInt64();
        if (format != Format)
            throw new RunFolderException(where, RunFolderReason.UnknownFormat,
                $"is of format {format}, this version reads {Format}. Update superposition, or run again.");
    }

    static string Text(JsonElement value) => value.GetString() ?? throw new FormatException("Found null instead of a string.");

    static string Word<T>(T value) where T : struct, Enum => value.ToString().ToLowerInvariant();

    static T WordOf<T>(JsonElement value) where T : struct, Enum
    {
        var word = Text(value);
        foreach (var candidate in Enum.GetValues<T>())
            if (Word(candidate) == word) return candidate;
        throw new FormatException($"{ErrorText.Quote(word)} is none of {string.Join(", ", Enum.GetValues<T>().Select(Word))}.");
    }
}

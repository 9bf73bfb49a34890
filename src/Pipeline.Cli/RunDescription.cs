using System.Globalization;
using System.Text.Json;
using Superposition.Storage;

namespace Superposition.Cli;

/// <summary>A run in words: plain lines, aligned, so that they read alike in a terminal and in a log.</summary>
static class RunDescription
{
    const string Metrics = "metrics.csv";

    public static void Write(TextWriter output, RunFolder run)
    {
        output.WriteLine(run.FolderPath);
        Section(output, "run", [
            ("kind", Word(run.Kind)), ("name", run.Name), ("status", Word(run.Status)),
            .. run.Versions.Select(version => (version.Key, version.Value))]);
        Section(output, "recipe", Leaves(run.Recipe, ""));
        Section(output, "files", run.Files.Keys.Order(StringComparer.Ordinal).SelectMany(name => Contents(run, name)));
        if (run.Files.ContainsKey(Metrics)) LastMetrics(output, run.Csv(Metrics));
        if (!run.Files.ContainsKey(Claims.FileName)) return;
        output.WriteLine("claims");
        foreach (var claim in Claims.Read(run)) output.WriteLine($"  {claim}");
    }

    static void Section(TextWriter output, string title, IEnumerable<(string Name, string Value)> lines)
    {
        var known = lines.ToArray();
        if (known.Length == 0) return;
        output.WriteLine(title);
        var width = known.Max(line => line.Name.Length);
        foreach (var (name, value) in known) output.WriteLine($"  {name.PadRight(width)}  {value}".TrimEnd());
    }

    // world.features 5, model.optimizer.learningRate 0.001, …
    static IEnumerable<(string, string)> Leaves(JsonElement element, string name) => element.ValueKind == JsonValueKind.Object
        ? element.EnumerateObject().SelectMany(member => Leaves(member.Value, name.Length == 0 ? member.Name : $"{name}.{member.Name}"))
        : element.ValueKind == JsonValueKind.Null ? []
        : [(name, element.ValueKind == JsonValueKind.String ? element.GetString()! : JsonSerializer.Serialize(element))];

    static IEnumerable<(string, string)> Contents(RunFolder run, string name)
    {
        var bytes = run.Files[name].Bytes.ToString("N0", CultureInfo.InvariantCulture);
        if (name.EndsWith(".safetensors", StringComparison.Ordinal))
        {
            yield return (name, $"{bytes} bytes");
            foreach (var (tensor, array) in run.Safetensors(name)) yield return ($"  {tensor}", array.ToString());
        }
        else if (name.EndsWith(".csv", StringComparison.Ordinal))
        {
            var table = run.Csv(name);
            yield return (name, $"{bytes} bytes, {table.Count} rows of {string.Join(", ", table.Columns)}");
        }
        else yield return (name, $"{bytes} bytes");
    }

    // The rows of the last step: one, or one an instance.
    static void LastMetrics(TextWriter output, CsvTable table)
    {
        if (table.Count == 0) return;
        output.WriteLine("last metrics");
        var (last, key) = (table.Count - 1, table.Columns[0]);
        for (var row = 0; row <= last; row++)
            if (table[row, key] == table[last, key])
                output.WriteLine($"  {string.Join(", ", table.Columns.Select(column => $"{column} {table[row, column]}"))}");
    }

    static string Word<T>(T value) where T : struct, Enum => value.ToString().ToLowerInvariant();
}

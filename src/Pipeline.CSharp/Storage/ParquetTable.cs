using System.Globalization;
using Parquet;
using Parquet.Schema;

namespace Superposition.Storage;

/// <summary>A table as a Parquet file, for what reads columns with their types: pandas, polars, DuckDB.</summary>
public static class ParquetTable
{
    /// <summary>
    /// Writes the file whole or not at all. A column is of 64-bit integers where all its fields are such, else of doubles where they are numbers, else of
    /// text; an empty field is null. The same table gives the same bytes.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="table">What to write.</param>
    /// <param name="text">Columns that are text whatever they hold.</param>
    /// <exception cref="FileWriteException">The file cannot be written.</exception>
    public static void Write(string path, CsvTable table, params IReadOnlyCollection<string> text)
    {
        ArgumentNullException.ThrowIfNull(table);
        using var bytes = new MemoryStream();
        WriteAsync(bytes, [.. table.Columns.Select(name => Column.Of(name, table.Column(name), text.Contains(name)))]).GetAwaiter().GetResult();
        AtomicFile.Write(path, stream => stream.Write(bytes.GetBuffer(), 0, (int)bytes.Length));
    }

    static async Task WriteAsync(Stream stream, Column[] columns)
    {
        await using var writer = await ParquetWriter.CreateAsync(new ParquetSchema(columns.Select(column => column.Field)), stream).ConfigureAwait(false);
        using var rows = writer.CreateRowGroup();
        foreach (var column in columns) await column.Write(rows).ConfigureAwait(false);
    }

    sealed record Column(DataField Field, Func<ParquetRowGroupWriter, Task> Write)
    {
        public static Column Of(string name, string[] fields, bool isText)
        {
            if (!isText && Parsed<long>(fields, NumberStyles.AllowLeadingSign) is { } integers && fields.Any(field => field != "")) return Of(name, integers);
            if (!isText && Parsed<double>(fields, NumberStyles.Float) is { } numbers) return Of(name, numbers);
            string?[] texts = [.. fields.Select(field => field == "" ? null : field)];
            var column = new DataField<string>(name);
            return new(column, rows => rows.WriteAsync(column, texts!));
        }

        static Column Of<T>(string name, T?[] values) where T : struct
        {
            var column = new DataField<T?>(name);
            return new(column, rows => rows.WriteAsync<T>(column, values));
        }

        // Null where a field is no such number.
        static T?[]? Parsed<T>(string[] fields, NumberStyles style) where T : struct, System.Numerics.INumber<T>
        {
            var values = new T?[fields.Length];
            for (var i = 0; i < fields.Length; i++)
            {
                if (fields[i] == "") continue;
                if (!T.TryParse(fields[i], style, CultureInfo.InvariantCulture, out var value)) return null;
                values[i] = value;
            }
            return values;
        }
    }
}

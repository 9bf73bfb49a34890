using System.Globalization;
using System.Text;

namespace Superposition.Storage;

/// <summary>
/// A small table of text with named columns, as CSV (RFC 4180, but lines end in \n so that results compare line by line).
/// Numbers are written so that they read back bit for bit, whatever the country; NaN and Infinity by these names.
/// </summary>
public sealed class CsvTable
{
    readonly string where;
    readonly Dictionary<string, int> places;
    readonly List<string[]> rows = [];

    /// <summary>An empty table.</summary>
    /// <param name="columns">Names, at least one, all different.</param>
    /// <exception cref="CsvException">No name, or one twice.</exception>
    public CsvTable(params string[] columns) : this("table", (IReadOnlyList<string>)columns)
    {
    }

    internal CsvTable(string where, IReadOnlyList<string> columns)
    {
        if (columns.Count == 0)
            throw new CsvException(where, CsvReason.NoHeader, "a table needs at least one column. Name it in the first row.");
        this.where = where;
        Columns = [.. columns];
        places = new(StringComparer.Ordinal);
        for (var i = 0; i < columns.Count; i++)
            if (!places.TryAdd(columns[i], i))
                throw new CsvException(where, CsvReason.DuplicateColumn,
                    $"two columns are named {ErrorText.Quote(columns[i])}; names must differ. Rename one.");
    }

    /// <summary>Names in order.</summary>
    public IReadOnlyList<string> Columns { get; }

    /// <summary>How many rows, the header not counted.</summary>
    public int Count => rows.Count;

    /// <summary>The field in row <paramref name="row"/> (from 0) of the column named so.</summary>
    /// <exception cref="CsvException">There is no such column.</exception>
    public string this[int row, string column] => rows[row][PlaceOf(column)];

    /// <summary>One row, as many fields as columns.</summary>
    public IReadOnlyList<string> Row(int row) => rows[row];

    /// <summary>[Count] One column from top to bottom.</summary>
    /// <exception cref="CsvException">There is no such column; the message names those there are.</exception>
    public string[] Column(string column)
    {
        var place = PlaceOf(column);
        return [.. rows.Select(row => row[place])];
    }

    /// <summary>[Count] One column as numbers.</summary>
    /// <exception cref="CsvException">There is no such column, or a field is no number.</exception>
    public double[] Numbers(string column) => [.. Enumerable.Range(0, Count).Select(row => Number(row, column))];

    /// <summary>One field as a number.</summary>
    /// <exception cref="CsvException">There is no such column, or the field is no number.</exception>
    public double Number(int row, string column) =>
        double.TryParse(this[row, column], NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw BadValue(row, column, "a number such as 0.4, NaN or Infinity");

    /// <summary>
    /// Adds a row. Text stays as it is, numbers become their shortest exact text, a missing value (null) becomes empty,
    /// a truth value true or false.
    /// </summary>
    /// <exception cref="CsvException">There are not as many values as columns.</exception>
    public void Add(params object?[] values) => Append([.. values.Select(Format)]);

    /// <summary>The whole table as CSV.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        CsvText.AppendRow(text, Columns);
        foreach (var row in rows) CsvText.AppendRow(text, row);
        return text.ToString();
    }

    /// <summary>Writes the file whole or not at all.</summary>
    /// <exception cref="FileWriteException">The file cannot be written.</exception>
    public void Write(string path) => AtomicFile.Write(path, stream => stream.Write(CsvText.Encoding.GetBytes(ToString())));

    /// <summary>Reads a file whose first row names the columns; lines end in \n or \r\n.</summary>
    /// <exception cref="CsvException">The file is no such table.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static CsvTable Read(string path) => Parse(CsvText.Of(File.ReadAllBytes(path), path), path);

    /// <summary>The table in <paramref name="text"/>.</summary>
    /// <param name="text">CSV; the first row names the columns.</param>
    /// <param name="name">What messages call it, such as the file's path.</param>
    /// <exception cref="CsvException">The text is no such table.</exception>
    public static CsvTable Parse(string text, string name)
    {
        var records = CsvText.Parse(text, name);
        var table = new CsvTable(name, records.Count == 0 ? [] : records[0]);
        foreach (var record in records.Skip(1)) table.Append(record);
        return table;
    }

    internal CsvException BadValue(int row, string column, string expected) => new(where, CsvReason.BadValue,
        $"row {row + 1}, column {ErrorText.Quote(column)} must be {expected}; "
        + $"it is {ErrorText.Quote(this[row, column])}. Correct the field.");

    void Append(string[] row)
    {
        if (row.Length != Columns.Count)
            throw new CsvException(where, CsvReason.RaggedRow,
                $"row {Count + 1} has {row.Length} fields, the table has {Columns.Count} columns: {ErrorText.List(Columns)}. "
                + "Correct the row.");
        rows.Add(row);
    }

    int PlaceOf(string column) => places.TryGetValue(column, out var place)
        ? place
        : throw new CsvException(where, CsvReason.ColumnMissing,
            $"there is no column {ErrorText.Quote(column)}; there are {ErrorText.List(Columns)}.");

    static string Format(object? value) => value switch
    {
        null => "",
        bool truth => truth ? "true" : "false",
        // For float and double this is the shortest text that reads back as the same bits.
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };
}

using System.Text;

namespace Superposition.Storage;

/// <summary>Between rows of fields and the text of RFC 4180.</summary>
static class CsvText
{
    /// <summary>UTF-8 without a mark, as safe to append to as to compare; bytes that are no UTF-8 are an error.</summary>
    public static readonly UTF8Encoding Encoding = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    static ReadOnlySpan<byte> Mark => [0xEF, 0xBB, 0xBF];

    public static void AppendRow(StringBuilder text, IReadOnlyList<string> row)
    {
        for (var i = 0; i < row.Count; i++)
        {
            if (i > 0) text.Append(',');
            // A row of one empty field would be an empty line, which other readers skip.
            if (row[i].AsSpan().ContainsAny("\",\r\n") || (row.Count == 1 && row[i].Length == 0))
                text.Append('"').Append(row[i].Replace("\"", "\"\"")).Append('"');
            else text.Append(row[i]);
        }
        text.Append('\n');
    }

    /// <summary>The text of a file, without the mark some editors put before it.</summary>
    /// <exception cref="CsvException">The bytes are not UTF-8.</exception>
    public static string Of(ReadOnlySpan<byte> bytes, string path)
    {
        try
        {
            return Encoding.GetString(bytes.StartsWith(Mark) ? bytes[Mark.Length..] : bytes);
        }
        catch (DecoderFallbackException error)
        {
            throw new CsvException(path, CsvReason.NotText, "the file is not UTF-8 text. Save it as UTF-8.", error);
        }
    }

    /// <summary>Rows of fields. A last line without an end counts; nothing after the last end does not.</summary>
    /// <exception cref="CsvException">A quote is not closed, or stands where none may.</exception>
    public static List<string[]> Parse(string text, string where)
    {
        var rows = new List<string[]>();
        var row = new List<string>();
        for (var position = 0; position < text.Length;)
        {
            row.Add(text[position] == '"' ? Quoted(text, ref position, where) : Plain(text, ref position, where));
            if (position < text.Length && text[position] == ',')
            {
                position++;
                if (position < text.Length) continue;
                row.Add(""); // the text ends in a comma: one more field, empty
            }
            rows.Add([.. row]);
            row.Clear();
            if (position < text.Length && text[position] == '\r') position++;
            if (position < text.Length && text[position] == '\n') position++;
        }
        return rows;
    }

    static string Plain(string text, ref int position, string where)
    {
        var length = text.AsSpan(position).IndexOfAny("\",\r\n");
        if (length < 0) length = text.Length - position;
        var field = text.Substring(position, length);
        position += length;
        return position < text.Length && text[position] == '"'
            ? throw BadQuote(text, position, where, "stands within a field")
            : field;
    }

    static string Quoted(string text, ref int position, string where)
    {
        var start = position++;
        var field = new StringBuilder();
        while (true)
        {
            var length = text.AsSpan(position).IndexOf('"');
            if (length < 0) throw BadQuote(text, start, where, "is never closed");
            field.Append(text, position, length);
            position += length + 1;
            if (position == text.Length || text[position] is ',' or '\r' or '\n') return field.ToString();
            if (text[position] != '"') throw BadQuote(text, position - 1, where, "is followed by more of the field");
            field.Append('"');
            position++;
        }
    }

    static CsvException BadQuote(string text, int position, string where, string what) => new(where, CsvReason.BadQuote,
        $"the quote in line {text.AsSpan(0, position).Count('\n') + 1} {what}. "
        + "Fields with quotes are written \"…\", a quote within as \"\".");
}

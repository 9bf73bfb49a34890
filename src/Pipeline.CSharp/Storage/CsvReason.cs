namespace Superposition.Storage;

/// <summary>What is wrong with a CSV table.</summary>
public enum CsvReason
{
    /// <summary>The file is not UTF-8 text.</summary>
    NotText,

    /// <summary>There is no first row to name the columns.</summary>
    NoHeader,

    /// <summary>Two columns have one name.</summary>
    DuplicateColumn,

    /// <summary>A row has more or fewer fields than there are columns.</summary>
    RaggedRow,

    /// <summary>A quote is not closed, or stands where RFC 4180 has none.</summary>
    BadQuote,

    /// <summary>The table is sound but has no column of that name.</summary>
    ColumnMissing,

    /// <summary>A field is not the number or word its column holds.</summary>
    BadValue,
}

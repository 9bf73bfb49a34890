using Microsoft.ML;

namespace Superposition.DataViews;

/// <summary>
/// A view whose rows are drawn, not read: training takes them from their source in blocks, and each instance a stream of its own.
/// Stream 0 is what the view itself shows.
/// </summary>
internal interface IStreamedView : IDataView
{
    /// <summary>How many rows a stream has before it begins again.</summary>
    long Rows { get; }

    /// <summary>A stream of one column; null for a column that is not drawn.</summary>
    IRowBlocks? Blocks(string column, long stream);
}

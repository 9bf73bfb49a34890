using Microsoft.ML;

namespace Superposition.Tests;

/// <summary>A view that passes everything on and notes how it was read.</summary>
sealed class RecordingView(IDataView inner) : IDataView
{
    /// <summary>How many cursors each call for a set of parallel cursors was answered with.</summary>
    public List<int> CursorSets { get; } = [];

    /// <summary>The columns each cursor or set of cursors was asked for.</summary>
    public List<string[]> Asked { get; } = [];

    public DataViewSchema Schema => inner.Schema;
    public bool CanShuffle => inner.CanShuffle;
    public long? GetRowCount() => inner.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        Asked.Add([.. columnsNeeded.Select(c => c.Name)]);
        return inner.GetRowCursor(columnsNeeded, rand);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
    {
        Asked.Add([.. columnsNeeded.Select(c => c.Name)]);
        var cursors = inner.GetRowCursorSet(columnsNeeded, n, rand);
        CursorSets.Add(cursors.Length);
        return cursors;
    }
}

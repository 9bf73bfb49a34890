using Microsoft.ML;
using Microsoft.ML.Data;

namespace Superposition.DataViews;

/// <summary>A view with the columns of a <see cref="BatchMap"/> added; its cursors look a batch ahead and compute it at once.</summary>
internal sealed class BatchedView(IDataView input, BatchMap map) : IDataView
{
    readonly DataViewSchema.Column source = SourceColumn.Find(input.Schema, map.InputColumn, map.InputWidth).Column;

    public DataViewSchema Schema { get; } = map.OutputSchema(input.Schema);

    public bool CanShuffle => input.CanShuffle;

    public long? GetRowCount() => input.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        var (active, needed) = Needed(columnsNeeded);
        return new BatchedCursor(input.GetRowCursor(needed, rand), Schema, active, source, map);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
    {
        var (active, needed) = Needed(columnsNeeded);
        return [.. input.GetRowCursorSet(needed, n, rand).Select(c => new BatchedCursor(c, Schema, active, source, map))];
    }

    // Which of our columns are active, and what that asks of the input: the passed-through ones, and the source of any output.
    (bool[] Active, DataViewSchema.Column[] Needed) Needed(IEnumerable<DataViewSchema.Column> columns)
    {
        var active = new bool[Schema.Count];
        foreach (var column in columns) active[column.Index] = true;
        var computes = active.Skip(input.Schema.Count).Any(a => a);
        return (active, [.. input.Schema.Where(c => active[c.Index] || computes && c.Index == source.Index)]);
    }
}

using Microsoft.ML;
using Microsoft.ML.Data;
using Superposition.Randomness;

namespace Superposition.DataViews;

/// <summary>
/// A view whose row r can be had without the rows before it. Shuffled, parallel and repeated cursors give the same rows;
/// a row's id is its number.
/// </summary>
public abstract class IndexedView : IDataView
{
    const int BlockRows = 1024;   // rows that one of several parallel cursors serves in a row

    private protected IndexedView(long rows, DataViewSchema schema) => (Rows, Schema) = (rows, schema);

    /// <summary>How many rows.</summary>
    public long Rows { get; }

    /// <inheritdoc/>
    public DataViewSchema Schema { get; }

    /// <summary>Yes, in constant memory.</summary>
    public bool CanShuffle => true;

    /// <summary>A <see cref="ValueGetter{TValue}"/> of the column's type that reads the row named when it is called; one a cursor.</summary>
    private protected abstract Delegate Getter(DataViewSchema.Column column, Func<long> row);

    /// <inheritdoc/>
    public long? GetRowCount() => Rows;

    /// <inheritdoc/>
    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
        new Cursor(this, columnsNeeded, Shuffle(rand), first: 0, stride: 1);

    /// <inheritdoc/>
    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
    {
        var columns = columnsNeeded.ToArray();
        var shuffle = Shuffle(rand);
        var cursors = (int)Math.Clamp((Rows + BlockRows - 1) / BlockRows, 1, Math.Max(1, n));
        return [.. Enumerable.Range(0, cursors).Select(first => new Cursor(this, columns, shuffle, first, cursors))];
    }

    RowShuffle? Shuffle(Random? random) => random is null ? null : new(Rows, (ulong)random.NextInt64());

    /// <summary>Serves blocks first, first + stride, …; ML.NET puts rows of parallel cursors in order by <see cref="Batch"/>.</summary>
    sealed class Cursor : DataViewRowCursor
    {
        readonly IndexedView view;
        readonly bool[] active;
        readonly RowShuffle? shuffle;
        readonly int stride;
        long next, position = -1, row = -1, served;

        public Cursor(IndexedView view, IEnumerable<DataViewSchema.Column> columns, RowShuffle? shuffle, int first, int stride)
        {
            (this.view, this.shuffle, this.stride) = (view, shuffle, stride);
            active = new bool[view.Schema.Count];
            foreach (var column in columns) active[column.Index] = true;
            next = (long)first * BlockRows;
        }

        public override DataViewSchema Schema => view.Schema;
        public override long Batch => position / BlockRows;
        public override long Position => row < 0 ? -1 : served - 1;
        public override bool IsColumnActive(DataViewSchema.Column column) => active[column.Index];
        public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = new((ulong)row, 0);

        public override bool MoveNext()
        {
            if (next >= view.Rows)
            {
                row = -1;
                return false;
            }
            position = next++;
            if (next % BlockRows == 0) next += (long)(stride - 1) * BlockRows;
            row = shuffle?.At(position) ?? position;
            served++;
            return true;
        }

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) =>
            Getters.Typed<TValue>(column, IsColumnActive(column), () => view.Getter(column, () => row));
    }
}

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
    private protected IndexedView(long rows, DataViewSchema schema) => (Rows, Schema) = (rows, schema);

    /// <summary>How many rows.</summary>
    public long Rows { get; }

    /// <inheritdoc/>
    public DataViewSchema Schema { get; }

    /// <summary>Yes, in constant memory.</summary>
    public bool CanShuffle => true;

    /// <summary>A <see cref="ValueGetter{TValue}"/> of the column's type that reads the row named when it is called; one a cursor.</summary>
    private protected abstract Delegate Getter(DataViewSchema.Column column, Func<long> row);

    /// <summary>The same for cursors that do not go forward.</summary>
    private protected virtual Delegate ShuffledGetter(DataViewSchema.Column column, Func<long> row) => Getter(column, row);

    /// <summary>The order of a shuffled pass.</summary>
    private protected virtual RowOrder Shuffle(ulong key) => new RowShuffle(Rows, key);

    /// <inheritdoc/>
    public long? GetRowCount() => Rows;

    /// <inheritdoc/>
    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
        new Cursor(this, columnsNeeded, Order(rand), first: 0, stride: 1);

    /// <inheritdoc/>
    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
    {
        var columns = columnsNeeded.ToArray();
        var order = Order(rand);
        var (cursors, end) = (1, order.RunEnd(0));
        for (; cursors < n && end < Rows; cursors++) end = order.RunEnd(end);   // no more than there are runs
        return [.. Enumerable.Range(0, cursors).Select(first => new Cursor(this, columns, order, first, cursors))];
    }

    RowOrder Order(Random? random) => random is null ? RowOrder.Forward : Shuffle((ulong)random.NextInt64());

    /// <summary>Serves runs first, first + stride, …; ML.NET puts rows of parallel cursors in order by <see cref="Batch"/>.</summary>
    sealed class Cursor : DataViewRowCursor
    {
        readonly IndexedView view;
        readonly bool[] active;
        readonly RowOrder order;
        readonly int stride;
        long next, runEnd, run, batch, row = -1, served;

        public Cursor(IndexedView view, IEnumerable<DataViewSchema.Column> columns, RowOrder order, int first, int stride)
        {
            (this.view, this.order, this.stride) = (view, order, stride);
            active = new bool[view.Schema.Count];
            foreach (var column in columns) active[column.Index] = true;
            runEnd = order.RunEnd(0);
            Advance(first);
        }

        public override DataViewSchema Schema => view.Schema;
        public override long Batch => batch;
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
            (row, batch) = (order.At(next), run);
            if (++next == runEnd) Advance(stride);
            served++;
            return true;
        }

        void Advance(int runs)
        {
            for (var i = 0; i < runs && next < view.Rows; i++) (next, runEnd) = (runEnd, order.RunEnd(runEnd));
            run += runs;
        }

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) =>
            Getters.Typed<TValue>(column, IsColumnActive(column), () =>
                order == RowOrder.Forward ? view.Getter(column, () => row) : view.ShuffledGetter(column, () => row));
    }
}

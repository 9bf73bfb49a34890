using Microsoft.ML;
using Microsoft.ML.Data;

namespace Superposition.Features;

/// <summary>
/// A world as data: sparse column <c>Features</c> [n] and <c>Row</c>. Rows are drawn when a cursor reaches them; shuffled,
/// parallel and repeated cursors draw the same rows.
/// </summary>
public sealed class SparseFeatureView : IDataView
{
    const int BlockRows = 1024;   // rows that one of several parallel cursors serves in a row

    readonly RowStream stream;

    internal SparseFeatureView(SparseFeatureOptions world)
    {
        OptionsException.ThrowIfAny(nameof(SparseFeatureOptions), world.Problems());
        World = world;
        stream = new(world, stream: 0);
        var schema = new DataViewSchema.Builder();
        schema.AddColumn("Features", new VectorDataViewType(NumberDataViewType.Single, world.Features));
        schema.AddColumn("Row", NumberDataViewType.Int64);
        Schema = schema.ToSchema();
    }

    /// <summary>The world the rows are drawn from.</summary>
    public SparseFeatureOptions World { get; }

    /// <inheritdoc/>
    public DataViewSchema Schema { get; }

    /// <inheritdoc/>
    public bool CanShuffle => true;

    /// <inheritdoc/>
    public long? GetRowCount() => World.Rows;

    /// <inheritdoc/>
    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
        new Cursor(this, columnsNeeded, Shuffle(rand), first: 0, stride: 1);

    /// <inheritdoc/>
    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
    {
        var columns = columnsNeeded.ToArray();
        var shuffle = Shuffle(rand);
        var cursors = (int)Math.Clamp((World.Rows + BlockRows - 1) / BlockRows, 1, Math.Max(1, n));
        return [.. Enumerable.Range(0, cursors).Select(first => new Cursor(this, columns, shuffle, first, cursors))];
    }

    RowShuffle? Shuffle(Random? rand) => rand is null ? null : new(World.Rows, (ulong)rand.NextInt64());

    /// <summary>Serves blocks first, first + stride, …; ML.NET puts rows of parallel cursors in order by <see cref="Batch"/>.</summary>
    sealed class Cursor(
        SparseFeatureView view, IEnumerable<DataViewSchema.Column> columns, RowShuffle? shuffle, int first, int stride) : DataViewRowCursor
    {
        readonly bool[] isActive = [columns.Any(c => c.Index == 0), columns.Any(c => c.Index == 1)];
        readonly int[] indices = new int[view.World.Features];
        readonly float[] values = new float[view.World.Features];
        long next = (long)first * BlockRows, position = -1, row = -1, drawn = -1, served;
        int count;

        public override DataViewSchema Schema => view.Schema;
        public override long Batch => position / BlockRows;
        public override long Position => row < 0 ? -1 : served - 1;
        public override bool IsColumnActive(DataViewSchema.Column column) => isActive[column.Index];

        public override bool MoveNext()
        {
            if (next >= view.World.Rows)
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

        public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = new((ulong)row, 0);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            if (!IsColumnActive(column)) throw new InvalidOperationException($"Column \"{column.Name}\" was not asked for.");
            Delegate getter = column.Index == 0
                ? (ValueGetter<VBuffer<float>>)Features
                : (ValueGetter<long>)((ref long value) => value = row);
            return getter as ValueGetter<TValue>
                ?? throw new InvalidOperationException($"Column \"{column.Name}\" is {column.Type}, not {typeof(TValue)}.");
        }

        void Features(ref VBuffer<float> value)
        {
            if (drawn != row) count = view.stream.Draw(drawn = row, indices, values);
            var editor = VBufferEditor.Create(ref value, indices.Length, count);
            values.AsSpan(0, count).CopyTo(editor.Values);
            if (count < indices.Length) indices.AsSpan(0, count).CopyTo(editor.Indices);
            value = editor.Commit();
        }
    }
}

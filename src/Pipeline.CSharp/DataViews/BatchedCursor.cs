using Microsoft.ML;
using Microsoft.ML.Data;

namespace Superposition.DataViews;

/// <summary>
/// Reads up to a batch of rows from the input, computes the active outputs for all of them, and serves them one by one.
/// Everything active that passes through is kept beside, with each row's own Batch and Id. Where no output is active it
/// reads a row at a time and computes nothing.
/// </summary>
internal sealed class BatchedCursor : DataViewRowCursor
{
    readonly DataViewRowCursor input;
    readonly DataViewSchema schema;
    readonly bool[] active;
    readonly BatchMap map;
    readonly bool[] wanted;
    readonly int slots;
    readonly ColumnBuffer?[] passed;
    readonly long[] batches;
    readonly DataViewRowId[] ids;
    readonly float[] rows;
    readonly ValueGetter<VBuffer<float>>? readSource;
    readonly ValueGetter<DataViewRowId> readId;
    RowBuffer?[] outputs = [];
    VBuffer<float> row;
    int count, slot = -1;
    long position = -1;

    public BatchedCursor(
        DataViewRowCursor input, DataViewSchema schema, bool[] active, DataViewSchema.Column source, BatchMap map)
    {
        (this.input, this.schema, this.active, this.map) = (input, schema, active, map);
        var inputs = input.Schema.Count;
        wanted = active[inputs..];
        var computes = wanted.Any(w => w);
        slots = computes ? map.BatchSize : 1;
        passed = [.. input.Schema.Select(c => active[c.Index] ? ColumnBuffer.Of(input, c, slots) : null)];
        batches = new long[slots];
        ids = new DataViewRowId[slots];
        rows = computes ? new float[slots * map.InputWidth] : [];
        readSource = computes ? input.GetGetter<VBuffer<float>>(source) : null;
        readId = input.GetIdGetter();
    }

    public override DataViewSchema Schema => schema;
    public override long Position => position;
    public override long Batch => slot < 0 ? 0 : batches[slot];
    public override bool IsColumnActive(DataViewSchema.Column column) => active[column.Index];

    public override bool MoveNext()
    {
        if (slot + 1 >= count && !ReadBatch())
        {
            (slot, count, position) = (-1, 0, -1);
            return false;
        }
        slot++;
        position++;
        return true;
    }

    public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = ids[slot];

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        var output = column.Index - passed.Length;
        return Getters.Typed<TValue>(column, IsColumnActive(column), () => output < 0
            ? passed[column.Index]!.Getter(() => slot)
            : (ValueGetter<VBuffer<float>>)((ref VBuffer<float> value) => outputs[output]!.CopyTo(slot, ref value)));
    }

    bool ReadBatch()
    {
        slot = -1;
        var width = map.InputWidth;
        for (count = 0; count < slots && input.MoveNext(); count++)
        {
            foreach (var column in passed) column?.Store(count);
            batches[count] = input.Batch;
            readId(ref ids[count]);
            if (readSource is null) continue;
            readSource(ref row);
            var target = rows.AsSpan(count * width, width);
            row.CopyTo(target);
            SourceColumn.CheckFinite(target, map.InputColumn, ids[count]);
        }
        if (count > 0 && readSource is not null)
            outputs = map.Compute(rows.AsMemory(0, count * width), count, wanted);
        return count > 0;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) input.Dispose();
        base.Dispose(disposing);
    }
}

using Microsoft.ML;
using Microsoft.ML.Data;
using Superposition.DataViews;
using Superposition.Randomness;

namespace Superposition.Activations;

/// <summary>
/// Reads a batch of rows, runs the model on it where activations are asked for, and serves the rows one by one, what passes through
/// kept beside them.
/// </summary>
internal sealed class OnnxActivationCursor : DataViewRowCursor
{
    readonly DataViewRowCursor input;
    readonly DataViewSchema schema;
    readonly bool[] active;
    readonly OnnxTap tap;
    readonly ulong? key;
    readonly int positions;
    readonly ColumnBuffer?[] passed;
    readonly OnnxInputBuffer[] inputs;
    readonly long[] batches;
    readonly DataViewRowId[] ids;
    readonly ValueGetter<DataViewRowId> readId;
    float[] activations = [];
    int count, served, at = -1;   // rows in the batch, T for each row read; how many were served; which one stands
    long read, position = -1;

    public OnnxActivationCursor(DataViewRowCursor input, DataViewSchema schema, bool[] active, OnnxTap tap, ulong? key)
    {
        (this.input, this.schema, this.active, this.tap, this.key) = (input, schema, active, tap, key);
        positions = tap.Positions ?? 1;
        passed = [.. input.Schema.Select(c => active[c.Index] ? ColumnBuffer.Of(input, c, tap.BatchSize) : null)];
        inputs = active[^1] ? tap.Buffers(input) : [];
        (batches, ids) = (new long[tap.BatchSize], new DataViewRowId[tap.BatchSize]);
        readId = input.GetIdGetter();
    }

    public override DataViewSchema Schema => schema;
    public override long Position => position;
    public override long Batch => at < 0 ? 0 : batches[key is null ? Slot : 0];   // it never falls
    public override bool IsColumnActive(DataViewSchema.Column column) => active[column.Index];

    int Slot => at / positions;

    public override bool MoveNext()
    {
        if (served == count && !ReadBatch())
        {
            (at, position) = (-1, -1);
            return false;
        }
        at = key is { } known ? (int)RowShuffle.At(count, CounterRandom.At(known, read), served) : served;
        served++;
        position++;
        return true;
    }

    // Of T rows of one id, row t has id · T + t.
    public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) =>
    {
        var from = ids[Slot];
        var own = new UInt128(from.High, from.Low) * (uint)positions + (uint)(at % positions);
        id = new((ulong)own, (ulong)(own >> 64));
    };

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) =>
        Getters.Typed<TValue>(column, IsColumnActive(column), () =>
            column.Index < passed.Length ? passed[column.Index]!.Getter(() => Slot)
            : column.Index == schema.Count - 1 ? (ValueGetter<VBuffer<float>>)Activations
            : (ValueGetter<int>)((ref int value) => value = at % positions));

    void Activations(ref VBuffer<float> value)
    {
        var editor = VBufferEditor.Create(ref value, tap.Dimensions);
        activations.AsSpan(at * tap.Dimensions, tap.Dimensions).CopyTo(editor.Values);
        value = editor.Commit();
    }

    bool ReadBatch()
    {
        var rows = 0;
        for (; rows < tap.BatchSize && input.MoveNext(); rows++)
        {
            foreach (var column in passed) column?.Store(rows);
            foreach (var buffer in inputs) buffer.Store(rows);
            batches[rows] = input.Batch;
            readId(ref ids[rows]);
        }
        (count, served) = (rows * positions, 0);
        read += rows;
        if (rows > 0 && active[^1]) activations = tap.Of(inputs);
        return rows > 0;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) input.Dispose();
        base.Dispose(disposing);
    }
}

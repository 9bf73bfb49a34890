using Microsoft.ML;
using Microsoft.ML.Data;
using Superposition.DataViews;
using Superposition.Randomness;

namespace Superposition.Training;

/// <summary>An endless source of batches [B, width] for training.</summary>
internal abstract class RowFeed : IDisposable
{
    /// <summary>Fills a whole number of rows.</summary>
    public abstract void Next(Span<float> batch);

    /// <inheritdoc/>
    public virtual void Dispose() { }

    /// <summary>
    /// A feed for each of K instances: their own streams of a synthetic world, or one they share of any other view.
    /// Stream −1 is for evaluation, so a world is always judged on rows that nobody trained on. Without a seed a view is read in its order.
    /// </summary>
    public static RowFeed Of(IDataView view, string column, long stream, long? seed) =>
        view is IStreamedView world && world.Blocks(column, stream) is { } rows
            ? new WorldFeed(rows, world.Rows)
            : new ViewFeed(view, [column], seed);

    /// <summary>Passes over rows that a training which is resumed has seen.</summary>
    public abstract void Skip(long rows);
}

/// <summary>Rows 0, 1, 2, … of one stream of a world, from the start again after its last row.</summary>
internal sealed class WorldFeed(IRowBlocks rows, long rowsInStream) : RowFeed
{
    const int Chunk = 128;
    long next;

    public override void Skip(long count) => next = rowsInStream == 0 ? 0 : (next + count) % rowsInStream;

    public override unsafe void Next(Span<float> batch)
    {
        if (rowsInStream == 0) throw new InputDataException(InputDataReason.Empty, "Expected rows to train on; the world has Rows = 0.");
        var (count, first, width) = (batch.Length / rows.Width, next, rows.Width);
        fixed (float* start = batch)
        {
            var target = start;
            Parallel.For(0, (count + Chunk - 1) / Chunk, chunk =>
            {
                var from = chunk * Chunk;
                for (var r = from; r < Math.Min(count, from + Chunk);)
                {
                    var row = (first + r) % rowsInStream;
                    var run = (int)Math.Min(Math.Min(count, from + Chunk) - r, rowsInStream - row);
                    rows.Fill(row, run, new Span<float>(target + (long)r * width, run * width));
                    r += run;
                }
            });
        }
        next = (next + count) % rowsInStream;
    }
}

/// <summary>
/// The rows of a view again and again, in a new order each time where the view can shuffle; of several columns side by side.
/// </summary>
internal sealed class ViewFeed(IDataView view, IReadOnlyList<string> columns, long? seed) : RowFeed
{
    readonly (DataViewSchema.Column Column, int Width)[] sources = [.. columns.Select(column => SourceColumn.Find(view.Schema, column))];
    DataViewRowCursor? cursor;
    ValueGetter<VBuffer<float>>[] read = [];
    ValueGetter<DataViewRowId>? readId;
    VBuffer<float> row;
    DataViewRowId id;
    int epoch;
    long rowsInEpoch;

    public override void Next(Span<float> batch)
    {
        while (!batch.IsEmpty)
        {
            Advance();
            for (var c = 0; c < sources.Length; c++)
            {
                read[c](ref row);
                var target = batch[..sources[c].Width];
                row.CopyTo(target);
                readId!(ref id);
                SourceColumn.CheckFinite(target, columns[c], id);
                batch = batch[target.Length..];
            }
        }
    }

    public override void Skip(long rows)
    {
        for (var skipped = 0L; skipped < rows; skipped++) Advance();
    }

    void Advance()
    {
        while (cursor is null || !cursor.MoveNext()) Open();
        rowsInEpoch++;
    }

    void Open()
    {
        if (cursor is not null && rowsInEpoch == 0)
            throw new InputDataException(InputDataReason.Empty, $"Expected rows to train on; column \"{columns[0]}\"'s view is empty.");
        cursor?.Dispose();
        var random = view.CanShuffle && seed is { } known ? new Random(unchecked((int)CounterRandom.Key(known, ++epoch))) : null;
        var opened = cursor = view.GetRowCursor(sources.Select(source => source.Column), random);
        read = [.. sources.Select(source => opened.GetGetter<VBuffer<float>>(source.Column))];
        readId = opened.GetIdGetter();
        rowsInEpoch = 0;
    }

    public override void Dispose() => cursor?.Dispose();
}

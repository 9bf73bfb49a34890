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
    /// Stream −1 is for evaluation, so a world is always judged on rows that nobody trained on.
    /// </summary>
    public static RowFeed Of(IDataView view, string column, long stream, long seed) =>
        view is IStreamedView world && world.Blocks(column, stream) is { } rows
            ? new WorldFeed(rows, world.Rows)
            : new ViewFeed(view, column, seed);
}

/// <summary>Rows 0, 1, 2, … of one stream of a world, from the start again after its last row.</summary>
internal sealed class WorldFeed(IRowBlocks rows, long rowsInStream) : RowFeed
{
    const int Chunk = 128;
    long next;

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

/// <summary>The rows of a view again and again, in a new order each time where the view can shuffle.</summary>
internal sealed class ViewFeed(IDataView view, string column, long seed) : RowFeed
{
    readonly DataViewSchema.Column source = SourceColumn.Find(view.Schema, column).Column;
    readonly int width = SourceColumn.Find(view.Schema, column).Width;
    DataViewRowCursor? cursor;
    ValueGetter<VBuffer<float>>? read;
    ValueGetter<DataViewRowId>? readId;
    VBuffer<float> row;
    DataViewRowId id;
    int epoch;
    long rowsInEpoch;

    public override void Next(Span<float> batch)
    {
        for (var at = 0; at < batch.Length; at += width, rowsInEpoch++)
        {
            while (cursor is null || !cursor.MoveNext()) Open();
            read!(ref row);
            row.CopyTo(batch.Slice(at, width));
            readId!(ref id);
            SourceColumn.CheckFinite(batch.Slice(at, width), column, id);
        }
    }

    void Open()
    {
        if (cursor is not null && rowsInEpoch == 0)
            throw new InputDataException(InputDataReason.Empty, $"Expected rows to train on; column \"{column}\"'s view is empty.");
        cursor?.Dispose();
        var random = view.CanShuffle ? new Random(unchecked((int)CounterRandom.Key(seed, ++epoch))) : null;
        cursor = view.GetRowCursor([source], random);
        read = cursor.GetGetter<VBuffer<float>>(source);
        readId = cursor.GetIdGetter();
        rowsInEpoch = 0;
    }

    public override void Dispose() => cursor?.Dispose();
}

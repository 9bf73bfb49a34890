using System.Numerics.Tensors;

namespace Superposition.Autoencoders;

/// <summary>Which latents of a row are kept in training, by score.</summary>
internal abstract class LatentSelection
{
    /// <summary>Looks at the batch as a whole.</summary>
    public virtual void Begin(SparseBatch batch, bool weighted) { }

    /// <summary>Writes latents, ascending, and their scores into the row's indices and values; returns how many.</summary>
    public abstract int Row(SparseRow row, bool weighted);
}

/// <summary>The k largest positive scores of each row.</summary>
internal sealed class LargestOfRow(int k) : LatentSelection
{
    readonly RowFloor floor = new();

    public override void Begin(SparseBatch batch, bool weighted) => floor.Begin(batch.Rows);

    public override int Row(SparseRow row, bool weighted)
    {
        row.Batch.Fill(row.Index, weighted, row.Scores);
        return floor.Keep(row.Index, TopKSelection.Select(k, row.Scores, floor.Value, row.Indices, row.Values), row.Values);
    }
}

/// <summary>
/// A little below what rows of the step before kept at least: few values of the next are above it in vain, and seldom too few.
/// </summary>
internal sealed class RowFloor
{
    const double Below = 1.5;   // standard deviations: a fifteenth of the rows look twice
    float[] least = [];

    /// <summary>What to look above; 0 before the first step.</summary>
    public float Value { get; private set; }

    /// <summary>Begins a step.</summary>
    public void Begin(int rows)
    {
        Value = least.Length == rows ? Floor(least) : 0;
        if (least.Length != rows) least = new float[rows];
    }

    static float Floor(ReadOnlySpan<float> least)
    {
        var mean = TensorPrimitives.Sum(least) / least.Length;
        var variance = Math.Max(0, TensorPrimitives.SumOfSquares(least) / least.Length - mean * mean);
        return (float)(mean - Below * Math.Sqrt(variance));
    }

    /// <summary>Takes note of what a row kept; passes on how many.</summary>
    public int Keep(int row, int count, ReadOnlySpan<float> values)
    {
        least[row] = count == 0 ? 0 : TensorPrimitives.MinMagnitude(values[..count]);
        return count;
    }
}

/// <summary>The k scores of each row that are farthest from 0.</summary>
internal sealed class FarthestOfRow(int k) : LatentSelection
{
    readonly RowFloor floor = new();

    public override void Begin(SparseBatch batch, bool weighted) => floor.Begin(batch.Rows);

    public override int Row(SparseRow row, bool weighted)
    {
        row.Batch.Fill(row.Index, weighted, row.Scores);
        TensorPrimitives.Abs(row.Scores, row.Scratch);
        var count = floor.Keep(row.Index, TopKSelection.Select(k, row.Scratch, floor.Value, row.Indices, row.Values), row.Values);
        for (var c = 0; c < count; c++) row.Values[c] = row.Scores[row.Indices[c]];
        return count;
    }
}

/// <summary>The k·B largest positive scores of the batch.</summary>
internal sealed class LargestOfBatch(BatchTopK architecture) : LatentSelection
{
    readonly BatchSelection selection = new();
    [ThreadStatic] static float[]? scores;
    SelectedRows kept = new();
    float last;

    public override void Begin(SparseBatch batch, bool weighted)
    {
        // A little below the last threshold few values are in vain, and seldom too few.
        kept = selection.Of(batch.Rows, batch.Latents, row =>
        {
            if (scores?.Length != batch.Latents) scores = new float[batch.Latents];
            batch.Fill(row, weighted, scores);
            return scores;
        }, architecture.Kept(batch.Rows), 0.9f * last);
        last = selection.Threshold;
    }

    public override int Row(SparseRow row, bool weighted)
    {
        var (indices, values) = kept[row.Index];
        indices.Span.CopyTo(row.Indices);
        values.Span.CopyTo(row.Values);
        return indices.Length;
    }
}

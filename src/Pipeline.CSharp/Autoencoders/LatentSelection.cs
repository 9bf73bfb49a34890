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
    public override int Row(SparseRow row, bool weighted)
    {
        row.Batch.Fill(row.Index, weighted, row.Scores);
        return TopKSelection.Select(k, row.Scores, row.Indices, row.Values);
    }
}

/// <summary>The k scores of each row that are farthest from 0.</summary>
internal sealed class FarthestOfRow(int k) : LatentSelection
{
    public override int Row(SparseRow row, bool weighted)
    {
        row.Batch.Fill(row.Index, weighted, row.Scores);
        TensorPrimitives.Abs(row.Scores, row.Scratch);
        var count = TopKSelection.Select(k, row.Scratch, row.Indices, row.Values);
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

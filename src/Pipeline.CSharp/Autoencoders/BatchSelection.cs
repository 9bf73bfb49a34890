namespace Superposition.Autoencoders;

/// <summary>
/// The k·B largest positive scores of a batch, of equal ones the first. Values above a floor are collected row by row, and only they are
/// compared with one another; last step's threshold makes a floor that leaves few.
/// </summary>
internal sealed class BatchSelection
{
    readonly SelectedRows candidates = new(), kept = new();
    float[] values = [];

    /// <summary>The scores of a row; they are read before those of another are asked for on the same thread.</summary>
    public delegate ReadOnlySpan<float> RowSource(int row);

    /// <summary>The least score that was kept last; 0 where all that were above 0 were.</summary>
    public float Threshold { get; private set; }

    /// <summary>Selects from rows of scores. floor: any number; it changes what the selection costs, not what it is.</summary>
    public SelectedRows Of(int rows, int width, RowSource scores, int count, float floor = 0)
    {
        Collect(rows, width, scores, floor);
        if (candidates.Count < count && floor > 0) Collect(rows, width, scores, 0);
        Threshold = 0;
        if (candidates.Count <= count) return candidates;
        if (values.Length < candidates.Count) values = new float[candidates.Count * 2];
        candidates.CopyValues(values);
        var threshold = Threshold = TopKSelection.Largest(count, values.AsSpan(0, candidates.Count));
        var ties = Ties(threshold, count);
        kept.Fill(rows, width, (row, indices, selected) =>
        {
            var ((of, from), left, used) = (candidates[row], ties[row], 0);
            for (var c = 0; c < of.Length; c++)
            {
                var value = from.Span[c];
                if (value < threshold || value == threshold && left-- <= 0) continue;
                (indices[used], selected[used]) = (of.Span[c], value);
                used++;
            }
            return used;
        });
        return kept;
    }

    void Collect(int rows, int width, RowSource scores, float floor) => candidates.Fill(rows, width, (row, indices, selected) =>
        TopKSelection.AtLeast(scores(row), Math.Max(floor, float.Epsilon), indices, selected));

    // How many of the values that equal the threshold each row keeps: the first rows first.
    int[] Ties(float threshold, int count)
    {
        var (ties, left) = (new int[candidates.Rows], count);
        for (var row = 0; row < ties.Length; row++)
            foreach (var value in candidates[row].Values.Span)
                if (value > threshold) left--;
        for (var row = 0; row < ties.Length && left > 0; row++)
        {
            ties[row] = Math.Min(candidates[row].Values.Span.Count(threshold), left);
            left -= ties[row];
        }
        return ties;
    }
}

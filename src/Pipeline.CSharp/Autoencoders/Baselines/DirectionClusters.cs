using Superposition.DataViews;
using Superposition.Features;

namespace Superposition.Autoencoders;

/// <summary>Which of m directions each row is given to, and where its own rows move each direction.</summary>
internal sealed class DirectionClusters(CentredRows rows, int count)
{
    const int RowsOfTask = 64;

    readonly int[] owners = new int[rows.Count];
    readonly float[] along = new float[rows.Count];
    readonly double[] errors = new double[rows.Count];

    /// <summary>Gives each row to the direction it goes farthest along, of equal ones the first. Σ‖x‖² − s² over all.</summary>
    /// <param name="directions">[m, d], of norm 1.</param>
    public unsafe double Assign(float[,] directions)
    {
        using var tiles = Tiles(directions);
        var start = tiles.Pointer;
        Parallel.For(0, (rows.Count + RowsOfTask - 1) / RowsOfTask, task => Assign(task * RowsOfTask, start));
        for (var r = 0; r < errors.Length; r++)
        {
            along[r] = Math.Max(0, along[r]);
            errors[r] = rows.Squares[r] - (double)along[r] * along[r];
        }
        return errors.Sum();
    }

    /// <summary>
    /// d_j ∝ Σ s x over its rows. Those without any go to the rows of largest error, the largest first; where errors are below a share
    /// of ‖x‖² there is nothing left to go to, and they stay.
    /// </summary>
    public void Move(float[,] directions, double leastShare)
    {
        var ends = new int[count + 1];   // where the rows of each direction begin, then end
        foreach (var owner in owners) ends[owner + 1]++;
        for (var j = 0; j < count; j++) ends[j + 1] += ends[j];
        var members = new int[rows.Count];
        var next = ends[..count];
        for (var r = 0; r < owners.Length; r++) members[next[owners[r]]++] = r;
        var empty = new bool[count];
        Parallel.For(0, count, j =>
        {
            var sums = new double[rows.Dimensions];
            foreach (var r in members.AsSpan(ends[j]..ends[j + 1]))
            {
                var x = rows[r];
                for (var i = 0; i < sums.Length; i++) sums[i] += (double)along[r] * x[i];
            }
            empty[j] = !sums.Any(sum => sum != 0);
            if (!empty[j]) Normalise(sums, Rows.Row(directions, j));
        });
        int[] without = [.. Enumerable.Range(0, count).Where(j => empty[j])];
        if (without.Length == 0) return;
        var worst = Enumerable.Range(0, rows.Count).Where(r => errors[r] > leastShare * rows.Squares[r]).OrderByDescending(r => errors[r]);
        foreach (var (j, r) in without.Zip(worst))
        {
            rows[r].CopyTo(Rows.Row(directions, j));
            Normalise(Rows.Row(directions, j));
        }
    }

    // 64 directions after 64, each tile [d, 64]; what is beyond m is 0.
    Aligned<float> Tiles(float[,] directions)
    {
        var tiles = new Aligned<float>((count + RowTile.Columns - 1) / RowTile.Columns * RowTile.Columns * rows.Dimensions);
        for (var j = 0; j < count; j++)
        {
            var tile = tiles.Span[(j / RowTile.Columns * RowTile.Columns * rows.Dimensions)..];
            for (var i = 0; i < rows.Dimensions; i++) tile[i * RowTile.Columns + j % RowTile.Columns] = directions[j, i];
        }
        return tiles;
    }

    // The rows of one task, which lie in one block.
    unsafe void Assign(int first, float* tiles)
    {
        var (d, end) = (rows.Dimensions, Math.Min(rows.Count, first + RowsOfTask));
        float* zeros = stackalloc float[RowTile.Columns], scores = stackalloc float[RowTile.Rows * RowTile.Columns];
        along.AsSpan(first, end - first).Fill(float.NegativeInfinity);
        fixed (float* x = rows[first])
            for (var j = 0; j < count; j += RowTile.Columns, tiles += d * RowTile.Columns)
                for (var r = first; r < end; r += RowTile.Rows)
                {
                    var from = x + (nint)(r - first) * d;
                    if (end - r >= RowTile.Rows) RowTile.Four(from, d, 1, d, tiles, RowTile.Columns, zeros, 0, scores, RowTile.Columns);
                    else for (var one = 0; one < end - r; one++)
                        RowTile.One(from + (nint)one * d, 1, d, tiles, RowTile.Columns, zeros, scores + one * RowTile.Columns);
                    for (var one = 0; one < Math.Min(RowTile.Rows, end - r); one++)
                        Best(r + one, j, new(scores + one * RowTile.Columns, Math.Min(RowTile.Columns, count - j)));
                }
    }

    void Best(int row, int firstDirection, ReadOnlySpan<float> scores)
    {
        for (var j = 0; j < scores.Length; j++)
            if (scores[j] > along[row]) (along[row], owners[row]) = (scores[j], firstDirection + j);
    }

    /// <summary>Brings a direction to norm 1.</summary>
    public static void Normalise(Span<float> direction)
    {
        var values = new double[direction.Length];
        for (var i = 0; i < values.Length; i++) values[i] = direction[i];
        Normalise(values, direction);
    }

    static void Normalise(ReadOnlySpan<double> values, Span<float> direction)
    {
        var square = 0.0;
        foreach (var value in values) square += value * value;
        var norm = Math.Sqrt(square);
        for (var i = 0; i < values.Length; i++) direction[i] = (float)(values[i] / norm);
    }
}

using Microsoft.ML.Data;
using Superposition.DataViews;

namespace Superposition.Tests.DataViews;

/// <summary>
/// The simplest map with two outputs: <c>Double</c> [width] = 2x and <c>Moments</c> [2] = (Σx, Σx²) as sparse rows.
/// Counts what it was asked to compute.
/// </summary>
sealed class CountingMap(string input, int width, int batchSize) : BatchMap
{
    int calls, rowsComputed, doubles, moments;

    public int Calls => calls;
    public int RowsComputed => rowsComputed;
    public int Doubles => doubles;
    public int Moments => moments;

    public override string InputColumn => input;
    public override int InputWidth => width;
    public override int BatchSize => batchSize;
    public override IReadOnlyList<(string Name, int Width)> Outputs { get; } = [("Double", width), ("Moments", 2)];

    public override RowBuffer?[] Compute(Memory<float> input, int rows, IReadOnlyList<bool> wanted)
    {
        Interlocked.Increment(ref calls);
        Interlocked.Add(ref rowsComputed, rows);
        if (wanted[0]) Interlocked.Increment(ref doubles);
        if (wanted[1]) Interlocked.Increment(ref moments);
        return [wanted[0] ? Doubled(input.Span) : null, wanted[1] ? MomentsOf(input, rows) : null];
    }

    public static float[] Double(float[] x) => [.. x.Select(v => 2 * v)];

    public static float[] Moment(float[] x)
    {
        var (sum, squares) = (0f, 0f);
        foreach (var v in x) (sum, squares) = (sum + v, squares + v * v);
        return [sum, squares];
    }

    DenseRows Doubled(ReadOnlySpan<float> input) => new(Double(input.ToArray()), width);

    MomentRows MomentsOf(Memory<float> input, int rows) =>
        new([.. Enumerable.Range(0, rows).Select(r => Moment(input.Slice(r * width, width).ToArray()))]);

    sealed class MomentRows(float[][] moments) : RowBuffer
    {
        public override void CopyTo(int row, ref VBuffer<float> destination)
        {
            int[] active = [.. Enumerable.Range(0, 2).Where(i => moments[row][i] != 0)];
            var editor = VBufferEditor.Create(ref destination, 2, active.Length);
            for (var c = 0; c < active.Length; c++) editor.Values[c] = moments[row][active[c]];
            if (active.Length < 2) active.CopyTo(editor.Indices);
            destination = editor.Commit();
        }
    }
}

using Superposition.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Superposition.Autoencoders;

/// <summary>
/// The rows that a baseline looks at, [N, d], their mean taken off. They are gone through in blocks, and sums over them have one order,
/// whatever the threads.
/// </summary>
internal sealed class CentredRows
{
    /// <summary>Rows that lie one after the other.</summary>
    const int Block = 2048;

    readonly float[][] blocks;
    readonly CancellationToken cancellation;

    /// <summary>Reads them.</summary>
    /// <param name="feed">Where from.</param>
    /// <param name="count">N, at least 1.</param>
    /// <param name="dimensions">d.</param>
    /// <param name="cancellation">Looked at before each pass.</param>
    public CentredRows(RowFeed feed, int count, int dimensions, CancellationToken cancellation)
    {
        (Count, Dimensions, this.cancellation) = (count, dimensions, cancellation);
        blocks = new float[(count + Block - 1) / Block][];
        Mean = new double[dimensions];
        for (var b = 0; b < blocks.Length; b++)
        {
            cancellation.ThrowIfCancellationRequested();
            blocks[b] = new float[Math.Min(Block, count - b * Block) * dimensions];
            feed.Next(blocks[b]);
            for (var at = 0; at < blocks[b].Length; at += dimensions)
                for (var i = 0; i < dimensions; i++) Mean[i] += blocks[b][at + i];
        }
        for (var i = 0; i < dimensions; i++) Mean[i] /= count;
        Squares = new double[count];
        Parallel.For(0, count, row =>
        {
            var x = this[row];
            for (var i = 0; i < x.Length; i++)
            {
                x[i] = (float)(x[i] - Mean[i]);
                Squares[row] += (double)x[i] * x[i];
            }
        });
        Square = Squares.Sum();
    }

    /// <summary>N.</summary>
    public int Count { get; }

    /// <summary>d.</summary>
    public int Dimensions { get; }

    /// <summary>[d] What was taken off.</summary>
    public double[] Mean { get; }

    /// <summary>[N] ‖x‖².</summary>
    public double[] Squares { get; }

    /// <summary>Σ‖x‖².</summary>
    public double Square { get; }

    /// <summary>[d]</summary>
    public Span<float> this[int row] => blocks[row / Block].AsSpan(row % Block * Dimensions, Dimensions);

    /// <summary>Σ f(x) over blocks x [rows, d] in double precision.</summary>
    public Tensor Sum(Func<Tensor, Tensor> ofBlock)
    {
        cancellation.ThrowIfCancellationRequested();
        Tensor? sum = null;
        foreach (var block in blocks)
        {
            using var scope = NewDisposeScope();
            var part = ofBlock(tensor(block, block.Length / Dimensions, Dimensions).to(float64));
            var next = (sum is null ? part : Sums.Of(sum, part)).MoveToOuterDisposeScope();
            sum?.Dispose();
            sum = next;
        }
        return sum!;
    }
}

using System.Numerics;
using Superposition.DataViews;
using Superposition.Features;
using Superposition.Randomness;

namespace Superposition.Activations;

/// <summary>
/// E [n, d], a unit vector a feature, and b [d]. Rows begin as random directions; Adam lowers
/// <code>Σ_{i≠j} ⟨e_i, e_j⟩² + n Σ_i (‖e_i‖² − 1)²,   gradient 4 (E EᵀE − ‖e_i‖² e_i) + 4n (‖e_i‖² − 1) e_i</code>
/// by way of EᵀE [d, d], so a step costs 2nd² multiplications, not the n²d of all pairs. Sums have one order, whatever the threads.
/// </summary>
internal sealed unsafe class FeatureDictionary
{
    const int DirectionsPurpose = 18, BiasPurpose = 19;
    const int Chunk = 64;   // steps of a product whose part of B stays close

    readonly int n, d, rows;
    readonly Aligned<float> directions;   // [rows, stride], what is beyond n and d being 0
    readonly Aligned<float> bias;         // [stride]

    public FeatureDictionary(int n, int d, long seed, DictionaryOptions options)
    {
        (this.n, this.d) = (n, d);
        rows = (n + RowTile.Columns - 1) / RowTile.Columns * RowTile.Columns;
        Stride = (d + RowTile.Columns - 1) / RowTile.Columns * RowTile.Columns;
        (directions, bias) = (new(rows * Stride), new(Stride));
        var key = CounterRandom.Key(seed, DirectionsPurpose);
        Parallel.For(0, n, i => Direction(CounterRandom.At(key, i), 1, Row(i)));
        Direction(CounterRandom.Key(seed, BiasPurpose), options.BiasNorm, bias.Span[..d]);
        if (options.OrthogonalSteps == 0) return;
        Descend(options.OrthogonalSteps, (float)options.LearningRate);
        Parallel.For(0, n, i => Scale(Row(i), 1));
    }

    /// <summary>Numbers between rows: d rounded up to whole tiles.</summary>
    public int Stride { get; }

    /// <summary>E, its rows a stride apart.</summary>
    public float* Directions => directions.Pointer;

    /// <summary>[stride] b.</summary>
    public float* Bias => bias.Pointer;

    /// <summary>[n, d] A copy of E.</summary>
    public float[,] ToMatrix()
    {
        var matrix = new float[n, d];
        for (var i = 0; i < n; i++) Row(i).CopyTo(Rows.Row(matrix, i));
        return matrix;
    }

    Span<float> Row(int i) => directions.Span.Slice(i * Stride, d);

    static void Direction(ulong key, double norm, Span<float> row)
    {
        var random = new CounterRandom(key);
        foreach (ref var x in row) x = (float)random.NextNormal();
        Scale(row, norm);
    }

    static void Scale(Span<float> row, double norm)
    {
        var square = 0.0;
        foreach (var x in row) square += (double)x * x;
        var factor = square > 0 ? norm / Math.Sqrt(square) : 0;
        foreach (ref var x in row) x = (float)(x * factor);
    }

    void Descend(int steps, float rate)
    {
        const double Beta1 = 0.9, Beta2 = 0.999;
        using Aligned<float> first = new(rows * Stride), second = new(rows * Stride), gram = new(Stride * Stride);
        for (var step = 1; step <= steps; step++)
        {
            Gram(gram.Pointer);
            var (unbias1, unbias2) = ((float)(1 / (1 - Math.Pow(Beta1, step))), (float)(1 / (1 - Math.Pow(Beta2, step))));
            Parallel.For(0, rows / RowTile.Columns, block =>
            {
                using var product = new Aligned<float>(RowTile.Columns * Stride);
                TimesGram(block * RowTile.Columns, gram.Pointer, product.Pointer);
                for (var r = 0; r < RowTile.Columns; r++)
                {
                    var at = (block * RowTile.Columns + r) * Stride;
                    Update(directions.Span.Slice(at, Stride), product.Span.Slice(r * Stride, Stride), first.Span.Slice(at, Stride),
                        second.Span.Slice(at, Stride), rate * unbias1, unbias2);
                }
            });
        }
    }

    // EᵀE, tile after tile of 64 columns: [stride / 64, stride, 64]. The lower half is the upper one mirrored.
    void Gram(float* gram)
    {
        var tiles = Stride / RowTile.Columns;
        Parallel.For(0, tiles * tiles, job =>
        {
            var (i, j) = (job / tiles * RowTile.Columns, job % tiles * RowTile.Columns);
            if (i > j) return;
            var tile = gram + (nint)j * Stride + i * RowTile.Columns;   // rows i … i + 63 of columns j … j + 63
            new Span<float>(tile, RowTile.Columns * RowTile.Columns).Clear();
            for (var k = 0; k < rows; k += Chunk)
                for (var r = 0; r < RowTile.Columns; r += RowTile.Rows)
                {
                    float* e = Directions + (nint)k * Stride, c = tile + r * RowTile.Columns;
                    RowTile.Four(e + i + r, 1, Stride, Chunk, e + j, Stride, c, RowTile.Columns, c, RowTile.Columns);
                }
            if (i == j) return;
            var mirror = gram + (nint)i * Stride + j * RowTile.Columns;
            for (var r = 0; r < RowTile.Columns; r++)
                for (var s = 0; s < RowTile.Columns; s++) mirror[s * RowTile.Columns + r] = tile[r * RowTile.Columns + s];
        });
    }

    // [64, stride] Rows of E times EᵀE; the product is 0 before.
    void TimesGram(int firstRow, float* gram, float* product)
    {
        var e = Directions + (nint)firstRow * Stride;
        for (var j = 0; j < Stride; j += RowTile.Columns)
            for (var k = 0; k < Stride; k += Chunk)
                for (var r = 0; r < RowTile.Columns; r += RowTile.Rows)
                {
                    var c = product + r * Stride + j;
                    RowTile.Four(e + r * Stride + k, Stride, 1, Chunk, gram + (nint)j * Stride + k * RowTile.Columns, RowTile.Columns,
                        c, Stride, c, Stride);
                }
    }

    // A step of Adam for one direction; ε as everywhere, 1e-8.
    void Update(Span<float> e, Span<float> product, Span<float> first, Span<float> second, float rate, float unbias2)
    {
        var square = 0.0;
        foreach (var x in e) square += (double)x * x;
        var own = new Vector<float>((float)(4 * (n * (square - 1) - square)));
        var (tiny, four, decay2) = (new Vector<float>(1e-8f), new Vector<float>(4), new Vector<float>(0.999f));
        for (var at = 0; at < e.Length; at += Vector<float>.Count)
        {
            Span<float> es = e[at..], firsts = first[at..], seconds = second[at..];
            var gradient = Vector.FusedMultiplyAdd(own, new(es), four * new Vector<float>(product[at..]));
            var moment1 = Vector.FusedMultiplyAdd(new Vector<float>(0.1f), gradient - new Vector<float>(firsts), new(firsts));
            var moment2 = Vector.FusedMultiplyAdd(decay2, new(seconds), new Vector<float>(0.001f) * gradient * gradient);
            moment1.CopyTo(firsts);
            moment2.CopyTo(seconds);
            (new Vector<float>(es) - rate * moment1 / (Vector.SquareRoot(moment2 * unbias2) + tiny)).CopyTo(es);
        }
    }
}

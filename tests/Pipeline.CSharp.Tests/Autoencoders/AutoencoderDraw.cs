using Superposition.Tests.References;

namespace Superposition.Tests.Autoencoders;

/// <summary>
/// A random autoencoder and a batch for it, every number exact in single precision, every sample at least a margin away from
/// selecting other latents (so that rounding cannot change the selection).
/// </summary>
/// <param name="Reference">The autoencoder.</param>
/// <param name="X">[B][d]</param>
/// <param name="Target">[B][d′] Of a transcoder; else X.</param>
/// <param name="K">k, from 1 to m.</param>
/// <param name="Dead">Dead latents, ascending.</param>
sealed record AutoencoderDraw(SparseAutoencoderReference Reference, double[][] X, double[][] Target, int K, int[] Dead)
{
    public const double Margin = 1e-3;

    static readonly string[] Common = ["W_enc", "b_enc", "W_dec", "b_dec"];

    /// <summary>The largest sizes that are drawn.</summary>
    public readonly record struct Sizes(int Batch, int Dimensions, int Latents)
    {
        public static Sizes Default { get; } = new(8, 12, 16);
    }

    public int Dimensions => Reference.Dimensions;
    public int Latents => Reference.Latents;

    /// <summary>Batches that were drawn again because a sample lay nearer than the margin.</summary>
    public int Repeats { get; private init; }

    /// <summary>A draw whose samples keep their distance from every choice of TopK and AuxK.</summary>
    public static AutoencoderDraw TopK(Random random) => Of(
        random, Sizes.Default, Common, draw => draw.Reference.TopK(draw.X, draw.K, false, new(1, draw.Dead)));

    /// <summary>A draw whose samples keep their distance from every kink of the ReLU.</summary>
    public static AutoencoderDraw L1(Random random) => Of(random, Sizes.Default, Common, draw => draw.Reference.L1(draw.X, 1, true));

    /// <summary>A draw that a loss is smooth about.</summary>
    /// <param name="random">What it follows from.</param>
    /// <param name="sizes">The largest.</param>
    /// <param name="names">Parameters of the autoencoder.</param>
    /// <param name="loss">The loss.</param>
    /// <param name="hasTarget">Whether what is to be reconstructed is not the input, and of another width.</param>
    /// <param name="unitRows">Whether decoder rows have norm 1.</param>
    public static AutoencoderDraw Of(
        Random random, Sizes sizes, IReadOnlyList<string> names, Func<AutoencoderDraw, SparseAutoencoderReference.Result> loss,
        bool hasTarget = false, bool unitRows = false)
    {
        int d = random.Next(1, sizes.Dimensions + 1), m = random.Next(1, sizes.Latents + 1), k = random.Next(1, m + 1);
        var width = hasTarget ? random.Next(1, sizes.Dimensions + 1) : d;
        // None dead, a few, half, or all: the weight of AuxK is scaled down below ⌊d/2⌋ dead ones and whole above.
        int[] dead = [.. Permutation(random, m).Take(random.Next(4) switch { 0 => 0, 1 => m, _ => random.Next(1, m + 1) }).Order()];
        for (var repeats = 0; ;)
        {
            var reference = new SparseAutoencoderReference(m, names.ToDictionary(name => name, name => name switch
            {
                "W_enc" => Normal(random, m * d, 1 / Math.Sqrt(d)),
                "W_dec" when unitRows => [.. Normal(random, m * width, 1).Chunk(width).SelectMany(Direction)],
                "W_dec" => Normal(random, m * width, 1 / Math.Sqrt(width)),
                "W_skip" => Normal(random, width * d, 1 / Math.Sqrt(d)),
                "threshold" => [.. Normal(random, m, 0.4).Select(Math.Abs)],
                _ => Normal(random, name == "b_dec" ? width : m, 0.3),
            }));
            double[][] Rows(int count, int columns) => [.. Enumerable.Range(0, count).Select(_ => Normal(random, columns, 1))];
            var x = Rows(random.Next(1, sizes.Batch + 1), d);
            var draw = new AutoencoderDraw(reference, x, hasTarget ? Rows(x.Length, width) : x, k, dead);
            for (var tries = 0; tries < 100; tries++, repeats++)
            {
                var margins = loss(draw).Margins;
                if (margins.Min() >= Margin) return draw with { Repeats = repeats };
                for (var b = 0; b < x.Length; b++) if (margins[b] < Margin) x[b] = Normal(random, d, 1);
            }
        }
    }

    /// <summary>Normal draws, rounded to single precision.</summary>
    public static double[] Normal(Random random, int count, double deviation) => [.. Enumerable.Range(0, count).Select(_ =>
        (double)(float)(deviation * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())))];

    // Of norm 1 but for rounding to single precision.
    static double[] Direction(double[] row)
    {
        var norm = Math.Sqrt(row.Sum(v => v * v));
        return [.. row.Select(v => (double)(float)(v / norm))];
    }

    /// <summary>0 … count−1 in random order.</summary>
    public static int[] Permutation(Random random, int count)
    {
        int[] order = [.. Enumerable.Range(0, count)];
        random.Shuffle(order);
        return order;
    }
}

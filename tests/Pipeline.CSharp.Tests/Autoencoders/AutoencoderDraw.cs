using Superposition.Tests.References;

namespace Superposition.Tests.Autoencoders;

/// <summary>
/// A random autoencoder and a batch for it, every number exact in single precision, every sample at least a margin away from
/// selecting other latents (so that rounding cannot change the selection).
/// </summary>
sealed record AutoencoderDraw(SparseAutoencoderReference Reference, double[][] X, int K, int[] Dead)
{
    public const double Margin = 1e-3;

    public int Dimensions => Reference.Parameters[3].Length;
    public int Latents => Reference.Parameters[1].Length;

    /// <summary>Samples that were drawn and lay nearer than the margin.</summary>
    public int Skipped { get; private init; }

    /// <summary>A draw whose samples keep their distance from every choice of TopK and AuxK.</summary>
    public static AutoencoderDraw TopK(Random random, int maxBatch = 24, int maxDimensions = 32, int maxLatents = 64) =>
        Of(random, maxBatch, maxDimensions, maxLatents, (reference, x, k, dead) => reference.TopKMargin(x, k, dead));

    /// <summary>A draw whose samples keep their distance from every kink of the ReLU.</summary>
    public static AutoencoderDraw L1(Random random, int maxBatch = 24, int maxDimensions = 32, int maxLatents = 64) =>
        Of(random, maxBatch, maxDimensions, maxLatents, (reference, x, _, _) => reference.L1Margin(x));

    static AutoencoderDraw Of(Random random, int maxBatch, int maxDimensions, int maxLatents,
        Func<SparseAutoencoderReference, double[], int, int[], double> margin)
    {
        int d = random.Next(1, maxDimensions + 1), m = random.Next(1, maxLatents + 1), k = random.Next(1, m + 1);
        // None dead, a few, half, or all: the weight of AuxK is scaled down below ⌊d/2⌋ dead ones and whole above.
        int[] dead = [.. Permutation(random, m).Take(random.Next(4) switch { 0 => 0, 1 => m, _ => random.Next(1, m + 1) }).Order()];
        var reference = new SparseAutoencoderReference(
            Normal(random, d * m, 1 / Math.Sqrt(d)), Normal(random, m, 0.3), Normal(random, m * d, 1 / Math.Sqrt(d)), Normal(random, d, 0.3));
        var (x, skipped) = (new double[random.Next(1, maxBatch + 1)][], 0);
        for (var b = 0; b < x.Length; b++)
            for (x[b] = Normal(random, d, 1); margin(reference, x[b], k, dead) < Margin; skipped++) x[b] = Normal(random, d, 1);
        return new(reference, x, k, dead) { Skipped = skipped };
    }

    /// <summary>Normal draws, rounded to single precision.</summary>
    public static double[] Normal(Random random, int count, double deviation) => [.. Enumerable.Range(0, count).Select(_ =>
        (double)(float)(deviation * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())))];

    /// <summary>0 … count−1 in random order.</summary>
    public static int[] Permutation(Random random, int count)
    {
        int[] order = [.. Enumerable.Range(0, count)];
        random.Shuffle(order);
        return order;
    }
}

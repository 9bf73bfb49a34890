using Superposition.Autoencoders;

namespace Superposition.Tests.Autoencoders.Baselines;

/// <summary>Rows made of directions that a test knows.</summary>
static class Planted
{
    /// <summary>[d][d] Random directions at right angles.</summary>
    public static double[][] Orthogonal(int seed, int d)
    {
        var random = new Random(seed);
        var rows = new double[d][];
        for (var i = 0; i < d; i++)
        {
            rows[i] = AutoencoderDraw.Normal(random, d, 1);
            for (var pass = 0; pass < 2; pass++)
                foreach (var other in rows[..i])
                {
                    var along = Product(rows[i], other);
                    for (var c = 0; c < d; c++) rows[i][c] -= along * other[c];
                }
            rows[i] = Unit(rows[i]);
        }
        return rows;
    }

    /// <summary>[rows][d] Σ_i f_i e_i + 1, features on with p = 0.1 and then uniform on (0, 1]: independent, of equal variance.</summary>
    public static float[][] Sparse(int seed, int rows, double[][] directions)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, rows).Select(_ =>
        {
            var x = Enumerable.Repeat(1.0, directions[0].Length).ToArray();
            foreach (var direction in directions)
            {
                if (random.NextDouble() >= 0.1) continue;
                var value = 1 - random.NextDouble();
                for (var c = 0; c < x.Length; c++) x[c] += value * direction[c];
            }
            return Engine.Singles(x);
        })];
    }

    /// <summary>[n] The largest cosine of any decoder row with each direction.</summary>
    public static double[] Found(this SparseAutoencoder autoencoder, double[][] directions, bool eitherSign = false) =>
        [.. directions.Select(direction => autoencoder.Decoder.Rows().Max(row =>
        {
            var cosine = Product([.. row.Select(v => (double)v)], Unit(direction));
            return eitherSign ? Math.Abs(cosine) : cosine;
        }))];

    /// <summary>How it does on all of the rows.</summary>
    public static SparseAutoencoderEvaluation On(this SparseAutoencoder autoencoder, float[][] rows) =>
        SparseAutoencoderEvaluation.Of(autoencoder, Recorded.View(rows), "Activations", rows.Length);

    public static SparseAutoencoder Fit(this DictionaryBaseline baseline, float[][] rows) =>
        baseline.Fit(Recorded.View(rows), "Activations");

    public static double Product(double[] x, double[] y) => x.Zip(y, (a, b) => a * b).Sum();

    public static double[] Unit(double[] x) => [.. x.Select(v => v / Math.Sqrt(Product(x, x)))];
}

using System.Runtime.InteropServices;
using Microsoft.ML;
using Superposition.Features;
using Superposition.Tests.References;
using Superposition.ToyModels;
using Superposition.Training;
using Xunit;
using static TorchSharp.torch;

namespace Superposition.Tests.ToyModels;

// What five features do in two dimensions: Toy Models of Superposition, "Demonstrating Superposition" and
// "Feature dimensionality"; numbers by exact quadrature over the 32 active sets. The quick ones train at three times the paper's rate.
public sealed class ToyModelGeometryTests(ITestOutputHelper output)
{
    static readonly MLContext Ml = new(seed: 1);

    // All importances equal, p = 1/20: a pentagon, D_i = 2/5.
    [Fact]
    public void A_pentagon_gives_every_feature_two_fifths_of_a_dimension() =>
        AssertPentagon(Train(p: 0.05, importance: 1, steps: 2000, rate: 3e-3, seed: 1));

    // Between the pentagon (p < 0.225) and orthogonal features (p > 4/7): two antipodal pairs, the fifth dropped at b = p/2.
    [Fact]
    public void At_medium_density_two_antipodal_pairs_share_a_dimension_each_and_a_feature_is_dropped() =>
        AssertDigons(Train(p: 0.3, importance: 1, steps: 2000, rate: 3e-3, seed: 1), p: 0.3);

    // Dense features: PCA. The two most important are orthogonal, the others dropped at b = 1/2, and cost 1/12 each.
    [Fact]
    public void At_full_density_the_two_most_important_features_are_orthogonal_and_the_rest_is_dropped()
    {
        var model = Train(p: 1, importance: PerFeature.Powers(0.9), steps: 3000, rate: 3e-3, seed: 1);
        var norms = model.Norms();
        Assert.All(norms[..2], norm => Assert.Equal(1, norm, 0.02));
        Assert.All(norms[2..], norm => Assert.InRange(norm, 0, 0.05));
        Assert.Equal(0, Dot(model, 0, 1), 0.03);
        Assert.All(model.B[2..], b => Assert.Equal(0.5, b, 0.03));
        var dropped = (0.81 + 0.729 + 0.6561) / 12;
        Assert.Equal(dropped, model.Loss, 0.01 * dropped);
    }

    // At the paper's rate: L/p, ‖W‖²_F and b of the best pentagon as the table has them. Its losses are about 0.7 % low: for
    // digons at p = 0.24 it says 0.4281 where the quadrature below says 0.4309, so 1 % is allowed.
    [Theory, Trait("Category", "Science")]
    [InlineData(0.05, 1, 0.1769, 6.43, -0.245)]
    [InlineData(0.05, 2, 0.1769, 6.43, -0.245)]
    [InlineData(0.15, 1, 0.3337, 5.69, -0.172)]
    public void A_trained_pentagon_is_the_one_that_was_computed(double p, long seed, double lossOverP, double squaredNorm, double bias)
    {
        var model = Train(p, importance: 1, steps: 10_000, rate: 1e-3, seed);
        AssertPentagon(model);
        Assert.Equal(squaredNorm, model.Norms().Sum(norm => norm * norm), 0.01 * squaredNorm);
        Assert.Equal(bias, model.B.Average(), 0.006);
        var (loss, error) = Loss(model, p);
        output.WriteLine($"loss/p {loss / p:F4} ± {error / p:F4}");
        Assert.Equal(lossOverP, loss / p, 3 * error / p + 0.01 * lossOverP);
    }

    // Exactly: twice the best pair, and a dropped feature's p/3 − p²/4.
    [Fact, Trait("Category", "Science")]
    public void Just_above_the_crossing_digons_beat_the_pentagon_and_reach_their_least_loss()
    {
        const double P = 0.24;
        var model = Train(P, importance: 1, steps: 10_000, rate: 1e-3, seed: 1);
        AssertDigons(model, P);
        var (loss, error) = Loss(model, P);
        var least = 2 * AntipodalPairReference.LeastLoss(P) + P / 3 - P * P / 4;
        output.WriteLine($"loss/p {loss / P:F5} ± {error / P:F5}, least {least / P:F5}");
        Assert.Equal(least, loss, 3 * error + 0.001 * least);
    }

    [Theory]
    [InlineData(0.05)]
    [InlineData(0.24)]
    [InlineData(0.4)]
    public void A_pair_with_small_biases_costs_a_little_less_than_without(double p)
    {
        Assert.Equal(p * p / 3, AntipodalPairReference.Loss(1, 0, p), 2e-4 * p * p);   // the kink along x = y costs the quadrature digits
        Assert.InRange(AntipodalPairReference.LeastLoss(p), 0.9 * p * p / 3, p * p / 3);
    }

    ToyModel Train(double p, PerFeature importance, int steps, double rate, long seed)
    {
        var world = Ml.Data.SparseFeatures(new() { Features = 5, Density = p, Rows = 1L << 40, Seed = seed });
        var model = Ml.Transforms.ToyModel("Activations", "Features", new()
        {
            Dimensions = 2,
            Instances = 10,
            Steps = steps,
            Seed = seed,
            Importance = importance,
            Optimizer = new AdamWOptions { LearningRate = rate },
        }).Fit(world).Model;
        output.WriteLine($"p {p}, seed {seed}: loss {model.Loss:G4}, D {Text(Dimensionality(model))}, norms {Text(model.Norms())}, "
            + $"b {Text(model.B.Select(b => (double)b))}");
        return model;
    }

    static void AssertPentagon(ToyModel model) => Assert.All(Dimensionality(model), d => Assert.Equal(0.4, d, 0.01));

    static void AssertDigons(ToyModel model, double p)
    {
        var (d, norms) = (Dimensionality(model), model.Norms());
        var dropped = Array.IndexOf(norms, norms.Min());
        Assert.InRange(norms[dropped], 0, 0.05);
        Assert.Equal(p / 2, model.B[dropped], 0.02);
        int[] kept = [.. Enumerable.Range(0, 5).Where(i => i != dropped)];
        Assert.All(kept, i => Assert.Equal(0.5, d[i], 0.02));
        foreach (var i in kept)
        {
            double[] cosines = [.. kept.Where(j => j != i).Select(j => Dot(model, i, j) / (norms[i] * norms[j])).Order()];
            Assert.Equal(-1, cosines[0], 0.005);                             // its partner
            Assert.All(cosines[1..], c => Assert.Equal(0, c, 0.05));         // the other pair
        }
    }

    // D_i = ‖W_i‖⁴ / Σ_j (W_i·W_j)², and 0 where W_i = 0.
    static double[] Dimensionality(ToyModel model) => [.. Enumerable.Range(0, model.Features).Select(i =>
        Dot(model, i, i) == 0
            ? 0
            : Math.Pow(Dot(model, i, i), 2) / Enumerable.Range(0, model.Features).Sum(j => Math.Pow(Dot(model, i, j), 2)))];

    static double Dot(ToyModel model, int i, int j) =>
        Enumerable.Range(0, model.Dimensions).Sum(a => (double)model.W[i, a] * model.W[j, a]);

    // Over 8 million rows of a stream of their own: the transformer's figure is of 65,536 rows, 2 % at this density.
    static (double Mean, double Error) Loss(ToyModel model, double p)
    {
        const int Rows = 1 << 16;
        using var scope = NewDisposeScope();
        int n = model.Features, d = model.Dimensions;
        var world = new SparseFeatureView(new() { Features = n, Density = p, Rows = 1L << 40, Seed = 99 });
        using var feed = RowFeed.Of(world, "Features", stream: 7, seed: 0);
        using var parameters = new ToyModelParameters(tensor([.. model.W.Cast<float>()], 1, n, d), tensor(model.B, 1, n));
        var (x, weights, rows) = (empty(1, Rows, n), ones(n), new float[Rows * n]);
        double[] losses = [.. Enumerable.Range(0, 128).Select(_ =>
        {
            using var inner = NewDisposeScope();
            feed.Next(rows);
            x.bytes = MemoryMarshal.AsBytes(rows.AsSpan());
            return (double)parameters.Loss(x, weights).item<float>();
        })];
        var mean = losses.Average();
        return (mean, Math.Sqrt(losses.Sum(l => (l - mean) * (l - mean)) / (losses.Length * (losses.Length - 1.0))));
    }

    static string Text(IEnumerable<double> values) => string.Join(' ', values.Select(v => FormattableString.Invariant($"{v:F4}")));
}

using System.Runtime.InteropServices;
using CsCheck;
using Superposition.Features;
using Superposition.ToyModels;
using Superposition.Training;
using Xunit;
using static TorchSharp.torch;

namespace Superposition.Tests.ToyModels;

// Closed forms of a dropped feature and of an antipodal pair, through the engine's own loss.
public sealed class ToyModelLossTests(ITestOutputHelper output)
{
    // v(p) = p/3 − p²/4 = (1 − S)(1 + 3S)/12: what a feature costs whose W_i is 0, at its best bias b = p/2 (2.3 a).
    [Theory]
    [InlineData(0.01)]
    [InlineData(0.05)]
    [InlineData(0.3)]
    [InlineData(0.7)]
    [InlineData(1)]
    public void A_dropped_feature_costs_a_third_of_p_less_a_quarter_of_p_squared(double p)
    {
        const int Features = 8;
        var v = p / 3 - p * p / 4;
        Assert.Equal((1 - (1 - p)) * (1 + 3 * (1 - p)) / 12, v, 1e-12);
        AssertLoss(Features * v, p, new float[Features, 2], Constant(Features, p / 2), Constant(Features, 1), seed: 101);
    }

    // E(x − b)² = p/3 − pb + b² for any b ≥ 0, so p/2 is the best; a negative bias is cut off and costs as b = 0 does.
    [Theory]
    [InlineData(0.3, 0.1)]
    [InlineData(0.3, 0.2)]
    [InlineData(0.3, -0.5)]
    [InlineData(0.05, 0)]
    public void A_dropped_feature_with_another_bias_costs_more(double p, double bias)
    {
        const int Features = 8;
        var b = Math.Max(0, bias);
        var expected = Features * (p / 3 - p * b + b * b);
        AssertLoss(expected, p, new float[Features, 1], Constant(Features, bias), Constant(Features, 1), seed: 102);
    }

    // A pair ±e with b = 0 and weights 1 and r: each is answered exactly but where both are active, and E min(U, U')² = 1/6 (2.3 b).
    [Theory]
    [InlineData(0.02, 1)]
    [InlineData(0.1, 1)]
    [InlineData(0.1, 0.2)]
    [InlineData(0.4, 3)]
    [InlineData(1, 0.5)]
    public void An_antipodal_pair_costs_a_sixth_of_p_squared_times_its_importance(double p, double r) =>
        AssertLoss((1 + r) * p * p / 6, p, w: new float[,] { { 1 }, { -1 } }, b: [0, 0], importance: [1, (float)r], seed: 103);

    // p²/3 for each of d pairs, (n − 2d)·v(p) for the rest (2.3 e).
    [Fact]
    public void Digons_cost_a_third_of_p_squared_each_and_the_rest_is_dropped()
    {
        const double P = 0.25;
        var w = new float[,] { { 1, 0 }, { 0, 1 }, { -1, 0 }, { 0, -1 }, { 0, 0 } };
        AssertLoss(2 * P * P / 3 + P / 3 - P * P / 4, P, w, [0, 0, 0, 0, (float)P / 2], Constant(5, 1), seed: 104);
    }

    [Fact]
    public void As_many_orthogonal_directions_as_features_cost_nothing()
    {
        var w = new float[,] { { 1, 0, 0 }, { 0, 1, 0 }, { 0, 0, 1 } };
        Assert.Equal(0, Losses(0.5, w, new float[3], Constant(3, 1), batches: 4, seed: 105).Max());
    }

    // L₀ = Σ I_i ReLU(b_i)², and with x_i = 1 alone: I_i(1 − ReLU(‖W_i‖² + b_i))² + Σ_{j≠i} I_j ReLU(W_j·W_i + b_j)² (2.3 g).
    [Fact]
    public void With_no_feature_or_one_the_loss_is_that_of_the_sparsity_expansion() =>
        Gen.Select(Gen.Int[1, 12], Gen.Int[1, 6], Gen.Int[0, int.MaxValue - 1]).Sample((n, d, seed) =>
        {
            using var scope = NewDisposeScope();
            var c = new ToyModelCase(n, d, instances: 1, rows: 1, shared: true, seed);
            using var parameters = c.Parameters();
            var model = parameters.ToModels()[0];
            var importance = tensor(c.Importance);
            double Dot(int i, int j) => Enumerable.Range(0, d).Sum(a => (double)model.W[i, a] * model.W[j, a]);
            double Answer(int j, double input) => Math.Max(0, input + model.B[j]);
            var none = Enumerable.Range(0, n).Sum(j => c.Importance[j] * Math.Pow(Answer(j, 0), 2));
            Assert.Equal(none, parameters.Loss(zeros(1, 1, n), importance).item<float>(), 1e-5 * (1 + none));
            for (var i = 0; i < n; i++)
            {
                var x = zeros(1, 1, n);
                x[0, 0, i] = 1;
                var one = Enumerable.Range(0, n).Sum(j => c.Importance[j] * Math.Pow((i == j ? 1 : 0) - Answer(j, Dot(j, i)), 2));
                Assert.Equal(one, parameters.Loss(x, importance).item<float>(), 1e-5 * (1 + one));
            }
        }, iter: 30, threads: 1);

    void AssertLoss(double expected, double p, float[,] w, float[] b, float[] importance, long seed)
    {
        var losses = Losses(p, w, b, importance, batches: 100, seed);
        var mean = losses.Average();
        var error = Math.Sqrt(losses.Sum(l => (l - mean) * (l - mean)) / (losses.Length * (losses.Length - 1.0)));
        output.WriteLine($"p {p}: expected {expected:G6}, found {mean:G6} ± {error:G2} ({(mean - expected) / error:F2} σ)");
        Assert.InRange(mean, expected - 3 * error - 1e-7 * expected, expected + 3 * error + 1e-7 * expected);
    }

    // The loss of each of many batches of a world, as training would see them.
    static double[] Losses(double p, float[,] w, float[] b, float[] importance, int batches, long seed)
    {
        const int Rows = 4096;
        using var scope = NewDisposeScope();
        int n = w.GetLength(0), d = w.GetLength(1);
        using var feed = RowFeed.Of(new SparseFeatureView(new() { Features = n, Density = p, Seed = seed }), "Features", 0, 0);
        using var parameters = new ToyModelParameters(
            tensor(MemoryMarshal.CreateSpan(ref w[0, 0], w.Length).ToArray(), 1, n, d), tensor(b, 1, n));
        var (x, weights, rows) = (empty(1, Rows, n), tensor(importance), new float[Rows * n]);
        return [.. Enumerable.Range(0, batches).Select(_ =>
        {
            feed.Next(rows);
            x.bytes = MemoryMarshal.AsBytes(rows.AsSpan());
            return (double)parameters.Loss(x, weights).item<float>();
        })];
    }

    static float[] Constant(int count, double value) => [.. Enumerable.Repeat((float)value, count)];
}

using CsCheck;
using Superposition.Tests.References;
using Xunit;

namespace Superposition.Tests.ToyModels;

public sealed class ToyModelGradientTests(ITestOutputHelper output)
{
    static readonly Gen<ToyModelCase> Cases =
        Gen.Select(Gen.Int[1, 40], Gen.Int[1, 20], Gen.Int[1, 5], Gen.Int[1, 64], Gen.Bool, Gen.Int[0, int.MaxValue - 1])
            .Select((n, d, k, rows, shared, seed) => new ToyModelCase(n, d, k, rows, shared, seed))
            // Beside a kink the sign of a pre-activation, and with it the gradient, is a matter of rounding.
            .Where(c => c.NearestKink > 1e-5);

    // 100 random shapes, norm-wise 1e-5 in float.
    [Fact]
    public void Loss_and_gradients_are_the_double_precision_references()
    {
        var largest = (Loss: 0.0, W: 0.0, B: 0.0);
        Cases.Sample(c =>
        {
            using var scope = TorchSharp.torch.NewDisposeScope();
            using var parameters = c.Parameters();
            var loss = parameters.Loss(c.X, TorchSharp.torch.tensor(c.Importance));
            loss.sum().backward();
            float[] losses = [.. loss.data<float>()];
            float[] w = [.. parameters.W.grad!.data<float>()], b = [.. parameters.B.grad!.data<float>()];
            for (var k = 0; k < c.Instances; k++)
            {
                var (reference, x) = (c.Reference(k), c.RowsOf(k));
                var ((gw, gb), (mw, mb)) = (reference.Gradient(x), reference.GradientMagnitude(x));
                largest.Loss = Math.Max(largest.Loss, Check([losses[k]], [reference.Loss(x)], [c.SquareOf(x)]));
                largest.W = Math.Max(
                    largest.W, Check(w.AsSpan(k * gw.Length, gw.Length), [.. gw.Cast<double>()], [.. mw.Cast<double>()]));
                largest.B = Math.Max(largest.B, Check(b.AsSpan(k * gb.Length, gb.Length), gb, mb));
            }
        }, iter: 100, threads: 1);
        output.WriteLine($"largest norm-wise errors: loss {largest.Loss:G3}, W {largest.W:G3}, b {largest.B:G3}");
    }

    [Fact]
    public void The_references_gradient_is_the_slope_of_its_loss() =>
        Gen.Select(Gen.Int[1, 6], Gen.Int[1, 4], Gen.Int[1, 5], Gen.Int[0, int.MaxValue - 1])
            .Select((n, d, rows, seed) => new ToyModelCase(n, d, 1, rows, true, seed))
            .Where(c => c.NearestKink > 1e-3)
            .Sample(c =>
            {
                const double Step = 1e-5;   // a central difference errs by Step² times the third derivative, and 1e-16/Step by rounding
                var x = c.RowsOf(0);
                var (w, b, importance) = Flat(c);
                var (gw, gb) = new ToyModelReference(w, b, importance).Gradient(x);
                double Slope(Action<double> add)
                {
                    add(Step);
                    var above = new ToyModelReference(w, b, importance).Loss(x);
                    add(-2 * Step);
                    var below = new ToyModelReference(w, b, importance).Loss(x);
                    add(Step);
                    return (above - below) / (2 * Step);
                }
                for (var i = 0; i < c.Features; i++)
                {
                    Assert.Equal(Slope(s => b[i] += s), gb[i], 1e-7);
                    for (var j = 0; j < c.Dimensions; j++) Assert.Equal(Slope(s => w[i, j] += s), gw[i, j], 1e-7);
                }
            });

    static (double[,] W, double[] B, double[] Importance) Flat(ToyModelCase c)
    {
        using var parameters = c.Parameters();
        var model = parameters.ToModels()[0];
        var w = new double[c.Features, c.Dimensions];
        for (var i = 0; i < c.Features; i++)
            for (var j = 0; j < c.Dimensions; j++) w[i, j] = model.W[i, j];
        return (w, [.. model.B.Select(v => (double)v)], [.. c.Importance.Select(v => (double)v)]);
    }

    // ‖found − expected‖ / ‖expected‖, at most 1e-5. Where more than 99 % of the gradient cancels (one feature, a few rows,
    // a reconstruction that happens to be right) what is left is rounding, and 1 % of the terms' size takes its place.
    static double Check(ReadOnlySpan<float> found, double[] expected, double[] magnitude)
    {
        var difference = new double[expected.Length];
        for (var i = 0; i < expected.Length; i++) difference[i] = found[i] - expected[i];
        var scale = Math.Max(Norm(expected), 0.01 * Norm(magnitude));
        if (scale == 0) Assert.Equal(0, Norm(difference));
        var error = scale == 0 ? 0 : Norm(difference) / scale;
        Assert.InRange(error, 0, 1e-5);
        return error;
    }

    static double Norm(double[] values) => Math.Sqrt(values.Sum(v => v * v));
}

using CsCheck;
using Microsoft.ML;
using Superposition.Features;
using Superposition.Tests.References;
using Superposition.ToyModels;
using Xunit;

namespace Superposition.Tests.ToyModels;

public sealed class FusedEngineTests(ITestOutputHelper output)
{
    /// <summary>Sizes that fill no vector and sizes that fill several; densities on both sides of the world's two ways to draw.</summary>
    static readonly Gen<(SparseFeatureOptions World, ToyModelOptions Model)> Cases =
        Gen.Select(Gen.Int[1, 90], Gen.Int[1, 40], Gen.Int[1, 60], Gen.Double[0.01, 1], Gen.Double[0.8, 1.1], Gen.Int[1, 1_000_000])
            .Select((n, d, batch, p, ratio, seed) => (
                new SparseFeatureOptions { Features = n, Density = p, Rows = 10_000, Seed = seed },
                new ToyModelOptions
                {
                    Dimensions = d, Seed = seed, Importance = PerFeature.Powers(ratio), BatchSize = batch, Steps = 12, Instances = 2,
                    // With Adam's usual ε a gradient that is all rounding still moves its weight a whole step.
                    Optimizer = new() { Epsilon = 1e-3 },
                }));

    [Fact]
    public void Loss_and_gradients_are_the_double_precision_references()
    {
        var (largest, tried) = (0.0, 0);
        Cases.Sample(c =>
        {
            var (n, importance) = (c.World.Features, c.Model.Importance.Expand(c.World.Features));
            var initial = Random(n, c.Model.Dimensions, c.World.Seed);
            var x = Draw(c.World, 3, c.Model.BatchSize);
            var reference = new ToyModelReference(Double(initial.W), [.. initial.B.Select(b => (double)b)], importance);
            if (reference.NearestKink(x) < 1e-5) return;   // there the gradient is a matter of rounding
            tried++;
            using var model = new FusedToyModel(initial, importance, c.Model.Optimizer);
            var loss = model.Accumulate(new RowStream(c.World, 0), 3, c.Model.BatchSize, c.World.Rows);
            var ((w, b), (gw, gb), (mw, mb)) = (model.Gradients(), reference.Gradient(x), reference.GradientMagnitude(x));
            Assert.Equal(reference.Loss(x), loss, 1e-5 * (reference.Loss(x) + 1e-3));
            largest = Math.Max(largest, Distance([.. w.Cast<float>()], [.. gw.Cast<double>()], [.. mw.Cast<double>()]));
            largest = Math.Max(largest, Distance(b, gb, mb));
            Assert.InRange(largest, 0, 1e-5);
        }, iter: 300, threads: 1);
        output.WriteLine($"{tried} shapes, largest norm-wise error {largest:G3}");
        Assert.InRange(tried, 100, 300);
    }

    [Fact]
    public void Weights_are_those_of_autograd_within_rounding()
    {
        var largest = 0.0;
        Cases.Sample(c =>
        {
            var ml = new MLContext();
            var world = ml.Data.SparseFeatures(c.World);
            var fused = ml.Transforms.ToyModel("Activations", "Features", c.Model).Fit(world);
            var autograd = ml.Transforms.ToyModel("Activations", "Features", c.Model with { Engine = ToyModelEngine.Autograd }).Fit(world);
            for (var j = 0; j < c.Model.Instances; j++)
                largest = Math.Max(largest, Distance(
                    [.. fused.Instances[j].W.Cast<float>()], [.. autograd.Instances[j].W.Cast<float>().Select(v => (double)v)]));
        }, iter: 50, threads: 1);
        output.WriteLine($"largest norm-wise difference after 12 steps {largest:G3}");
        Assert.InRange(largest, 0, 1e-4);   // a pre-activation beside 0 may have another sign in either, 1e-5 in a few thousand cases
    }

    [Fact]
    public void An_instance_alone_gets_the_weights_it_gets_among_others()
    {
        var ml = new MLContext();
        var world = ml.Data.SparseFeatures(new() { Features = 20, Density = 0.1, Seed = 1 });
        var options = new ToyModelOptions { Dimensions = 5, Seed = 2, Steps = 50, HistoryEvery = 50, Instances = 3 };
        var three = ml.Transforms.ToyModel("Activations", "Features", options).Fit(world);
        var one = ml.Transforms.ToyModel("Activations", "Features", options with { Instances = 1 }).Fit(world);
        Assert.Equal(one.Instances[0].W.Cast<float>(), three.Instances[0].W.Cast<float>());
        Assert.Equal(one.History.Loss[1, 0], three.History.Loss[1, 0]);
    }

    static double[,] Draw(SparseFeatureOptions world, long firstRow, int rows)
    {
        var flat = new float[rows * world.Features];
        new RowStream(world, 0).Fill(firstRow, rows, flat);
        var x = new double[rows, world.Features];
        for (var i = 0; i < flat.Length; i++) x[i / world.Features, i % world.Features] = flat[i];
        return x;
    }

    static ToyModel Random(int n, int d, long seed)
    {
        var random = new Random((int)seed);
        var w = new float[n, d];
        for (var i = 0; i < n; i++)
            for (var j = 0; j < d; j++) w[i, j] = random.NextSingle() - 0.5f;
        return new(w, [.. Enumerable.Range(0, n).Select(_ => random.NextSingle() - 0.5f)], double.NaN);
    }

    static double[,] Double(float[,] matrix)
    {
        var result = new double[matrix.GetLength(0), matrix.GetLength(1)];
        for (var i = 0; i < result.GetLength(0); i++)
            for (var j = 0; j < result.GetLength(1); j++) result[i, j] = matrix[i, j];
        return result;
    }

    /// <summary>‖found − expected‖ / ‖expected‖; where more than 99 % cancels, over 1 % of the terms' size.</summary>
    static double Distance(float[] found, double[] expected, params double[] magnitude) =>
        Norm(found.Zip(expected, (f, e) => f - e)) / Math.Max(Math.Max(Norm(expected), 0.01 * Norm(magnitude)), 1e-12);

    static double Norm(IEnumerable<double> values) => Math.Sqrt(values.Sum(v => v * v));
}

using CsCheck;
using Superposition.Features;
using Superposition.Randomness;
using Superposition.Tests.References;
using Superposition.ToyModels;
using Superposition.Training;
using Xunit;
using static TorchSharp.torch;

namespace Superposition.Tests.ToyModels;

public sealed class ToyModelParametersTests(ITestOutputHelper output)
{
    const double Margin = 1e-3;   // what a central difference steps over, and rounding, stay far below it

    [Fact]
    public void Loss_and_gradients_of_every_model_are_the_double_precision_references()
    {
        var (largest, tried, kinds) = (0.0, 0, new HashSet<(Activation, Activation, bool, bool, int, TargetFunction, bool, Objective)>());
        AnyToyModel.Recipes.Sample(recipe =>
        {
            var (options, n, rows) = (recipe.Model, recipe.World.Features, recipe.Model.BatchSize);
            ToyModel[] models = [AnyToyModel.Random(options, n, 1), AnyToyModel.Random(options, n, 2)];
            AnyToyModelReference[] references = [.. models.Select(model => new AnyToyModelReference(model, options))];
            float[][][] x = [AnyToyModel.Rows(recipe.World, 0, 5, rows), AnyToyModel.Rows(recipe.World, 1, 5, rows)];
            float[][] mask = [.. Enumerable.Range(0, rows).Select(r => Enumerable.Range(0, options.Dimensions).Select(j => (r + j) % 3 * 0.8f).ToArray())];
            if (references.Zip(x).Any(r => r.First.NearestKink(AnyToyModel.Double(r.Second), AnyToyModel.Double(mask)) < Margin)) return;
            tried++;
            var architecture = options.Architecture;
            kinds.Add((architecture.Hidden, architecture.Output, architecture.Tied, architecture.HiddenBias, architecture.HiddenLayers,
                options.Target.Function, options.Target.AllPairs, options.Objective));
            using var scope = NewDisposeScope();
            using var parameters = ToyModelParameters.Of(models);
            var masks = tensor([.. mask.SelectMany(v => v).Concat(mask.SelectMany(v => v))], 2, rows, options.Dimensions);
            var hidden = parameters.Hidden(tensor([.. x.SelectMany(r => r.SelectMany(v => v))], 2, rows, n), masks);
            var targets = new float[models[0].Outputs];
            var asked = tensor([.. x.SelectMany(r => r).SelectMany(row =>
            {
                options.Target.Evaluate(row, targets);
                return targets.ToArray();
            })], 2, rows, targets.Length);
            var loss = ToyModelParameters.Loss(options.Objective, parameters.Outputs(hidden), asked, ToyModelParameters.Importance(options, n));
            (loss + ToyModelParameters.Penalty(hidden) * tensor((float)options.HiddenPenalty)).sum().backward();

            for (var k = 0; k < 2; k++)
            {
                var (drawn, dropped) = (AnyToyModel.Double(x[k]), AnyToyModel.Double(mask));
                var expected = references[k].Loss(drawn, dropped);
                Assert.Equal(expected, loss.data<float>().ToArray()[k], 1e-5 * (1e-2 + Math.Abs(expected)));
                var slopes = references[k].Slopes(drawn, dropped);
                float[][] found = [.. parameters.All.Select(p => p.grad is { } grad ? grad.data<float>().ToArray().Chunk((int)(grad.NumberOfElements / 2)).ElementAt(k) : [])];
                var error = Distances.Largest(slopes, found);
                Assert.InRange(error, 0, 1e-4);
                largest = Math.Max(largest, error);
            }
        }, iter: 150, threads: 1);
        output.WriteLine($"{tried} models of {kinds.Count} kinds, largest norm-wise error {largest:G3}");
        Assert.InRange(tried, 50, 150);
    }

    // The whole way from the options: rows of stream j, targets, dropout's mask of the step, penalty, gradient, update.
    [Fact]
    public void One_step_of_gradient_descent_goes_down_the_references_slope()
    {
        var (largest, fused, autograd) = (0.0, 0, 0);
        AnyToyModel.Recipes.Sample(recipe =>
        {
            var options = recipe.Model with { Optimizer = new SgdOptions { LearningRate = 1 } };
            for (var j = 0; j < 2; j++)
            {
                var initial = InitialWeights.Of(options, recipe.World.Features, j);
                var (reference, x) = (new AnyToyModelReference(initial, options), AnyToyModel.Double(AnyToyModel.Rows(recipe.World, j, 0, options.BatchSize)));
                if (reference.NearestKink(x, Masks(options, j)) < Margin) return;
            }
            if (FusedEngine.Has(options)) fused++;
            else autograd++;
            var trained = ToyModelGrid.Train([recipe with { Model = options }])[0].Instances;
            for (var j = 0; j < 2; j++)
            {
                var initial = InitialWeights.Of(options, recipe.World.Features, j);
                var x = AnyToyModel.Double(AnyToyModel.Rows(recipe.World, j, 0, options.BatchSize));
                double[][] after = new AnyToyModelReference(trained[j], options).Parameters, before = new AnyToyModelReference(initial, options).Parameters;
                double[][] moved = [.. before.Zip(after, (b, a) => b.Zip(a, (from, to) => from - to).ToArray())];
                var slopes = new AnyToyModelReference(initial, options).Slopes(x, Masks(options, j));
                var error = Distances.Largest(slopes, moved);
                Assert.InRange(error, 0, 1e-4);
                largest = Math.Max(largest, error);
            }
        }, iter: 150, threads: 1);
        output.WriteLine($"{fused} fused and {autograd} autograd, largest norm-wise error {largest:G3}");
        Assert.InRange(fused, 10, 150);
        Assert.InRange(autograd, 30, 150);
    }

    [Fact]
    public void Dropout_drops_its_share_and_keeps_the_mean()
    {
        var options = new ToyModelOptions { Dimensions = 40, BatchSize = 500, Dropout = 0.3, Seed = 3 };
        double[] mask = [.. Masks(options, 0)!.SelectMany(v => v)];
        var error = Math.Sqrt(0.3 * 0.7 / mask.Length);
        Assert.Equal(0.3, mask.Count(v => v == 0) / (double)mask.Length, 4 * error);
        Assert.Equal(1, mask.Average(), 4 * error / 0.7);
    }

    // Mask of step 1: draws of the seed for its purpose, instance and step, row after row.
    static double[][]? Masks(ToyModelOptions options, int instance)
    {
        if (options.Dropout == 0) return null;
        var random = new CounterRandom(CounterRandom.At(CounterRandom.At(CounterRandom.Key(options.Seed, 2), instance), 1));
        var masks = new double[options.BatchSize][];
        for (var r = 0; r < masks.Length; r++)
        {
            masks[r] = new double[options.Dimensions];
            for (var j = 0; j < options.Dimensions; j++) masks[r][j] = random.NextUniform() <= options.Dropout ? 0 : 1 / (1 - options.Dropout);
        }
        return masks;
    }
}

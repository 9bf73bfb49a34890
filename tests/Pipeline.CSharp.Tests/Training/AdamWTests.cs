using CsCheck;
using Superposition.Tests.References;
using Superposition.Training;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Superposition.Tests.Training;

public sealed class AdamWTests
{
    static readonly Gen<AdamWOptions> Options = Gen.Select(
        Gen.Double[1e-4, 0.02], Gen.Double[0, 0.95], Gen.OneOf(Gen.Double[0.5, 0.999], Gen.Const(0.999)),
        Gen.OneOf(1e-8, 1e-6, 1e-3), Gen.OneOf(0.0, 0.01, 0.5))
        .Select((rate, beta1, beta2, epsilon, decay) => new AdamWOptions
        {
            LearningRate = rate,
            Beta1 = beta1,
            Beta2 = beta2,
            Epsilon = epsilon,
            WeightDecay = decay,
        });

    [Fact]
    public void Two_hundred_steps_are_torchs_AdamW_and_the_double_precision_references() =>
        Gen.Select(Options, Gen.Int[8, 70], Gen.Int[0, int.MaxValue - 1]).Sample((options, length, seed) =>
        {
            using var scope = NewDisposeScope();
            var random = new Random(seed);
            float[] start = [.. Enumerable.Range(0, length).Select(_ => Normal(random))];
            var (ours, theirs) = (Parameter(start), new TorchSharp.Modules.Parameter(tensor(start)));
            var (truth, reference) = (start.Select(v => (double)v).ToArray(), new AdamWReference(options, length));
            var mine = new Optimizer(options, ours, 200);
            var torchs = optim.AdamW([theirs], options.LearningRate, options.Beta1, options.Beta2, options.Epsilon, options.WeightDecay);
            for (var step = 0; step < 200; step++)
            {
                // Scales from 1e-3 to 10, and a drift, so that neither moment is settled.
                float[] gradient = [.. Enumerable.Range(0, length).Select(i => (Normal(random) + 0.3f) * MathF.Pow(10, i % 5 - 3))];
                (ours.grad, theirs.grad) = (tensor(gradient), tensor(gradient));
                mine.Step();
                torchs.step();
                reference.Step(truth, gradient);
            }
            Assert.InRange(RelativeError(ours, [.. theirs.data<float>().Select(v => (double)v)], start), 0, 1e-6);
            // In single precision 1 − lr·λ and its product with θ are each up to 3e-8 off, at each of 200 steps, here as in torch.
            Assert.InRange(RelativeError(ours, truth, start), 0, 1e-6 + (options.WeightDecay == 0 ? 0 : 200 * 6e-8));
        }, iter: 50, threads: 1);

    [Fact]
    public void Every_element_is_treated_alike_wherever_it_stands() =>
        Gen.Select(Options, Gen.Int[1, 70], Gen.Float[-3, 3], Gen.Float[-3, 3]).Sample((options, length, start, slope) =>
        {
            using var scope = NewDisposeScope();
            var parameter = Parameter([.. Enumerable.Repeat(start, length)]);
            var optimizer = new Optimizer(options, parameter, 5);
            for (var step = 0; step < 5; step++)
            {
                parameter.grad = tensor([.. Enumerable.Repeat(slope * (step + 1), length)]);
                optimizer.Step();
            }
            Assert.Single(parameter.data<float>().ToArray().Distinct());   // the vector loop and its tail round alike
        }, threads: 1);

    [Fact]
    public void A_step_uses_the_gradient_up()
    {
        using var scope = NewDisposeScope();
        var parameter = Parameter([1, 2, 3]);
        var optimizer = new Optimizer(new AdamWOptions(), parameter, 1);
        (parameter * parameter).sum().backward();
        optimizer.Step();
        Assert.Equal([0, 0, 0], parameter.grad!.data<float>().ToArray());
    }

    [Fact]
    public void A_parameter_without_a_gradient_stays_as_it_is()
    {
        using var scope = NewDisposeScope();
        var parameter = Parameter([1, 2, 3]);
        new Optimizer(new AdamWOptions { WeightDecay = 0.5 }, parameter, 1).Step();
        Assert.Equal([1, 2, 3], parameter.data<float>().ToArray());
    }

    // With both moments forgotten a zero gradient moves nothing; elements that were not forgotten coast on.
    [Fact]
    public void Elements_that_are_forgotten_no_longer_move_and_the_rest_does() =>
        Gen.Select(Gen.Int[1, 20], Gen.Int[0, 19], Gen.Int[0, 20]).Sample((length, start, count) =>
        {
            using var scope = NewDisposeScope();
            start %= length;
            count = Math.Min(count, length - start);
            var parameter = tensor([.. Enumerable.Repeat(1f, length)]).requires_grad_();
            var optimizer = new Optimizer(new AdamWOptions { LearningRate = 0.1 }, parameter, 2);
            parameter.grad = ones_like(parameter);
            optimizer.Step();
            var before = parameter.data<float>().ToArray();
            optimizer.Moments.Forget(start, count);
            optimizer.Step();   // the gradient is 0 now
            var after = parameter.data<float>().ToArray();
            for (var i = 0; i < length; i++)
                Assert.True(i >= start && i < start + count ? after[i] == before[i] : after[i] < before[i]);
        }, threads: 1);

    [Fact]
    public void Every_problem_of_the_options_is_reported_at_once()
    {
        var options = new AdamWOptions
        {
            LearningRate = 0,
            Beta1 = 1,
            Beta2 = -0.1,
            Epsilon = double.NaN,
            WeightDecay = double.PositiveInfinity,
        };
        string[] problems = [.. options.Problems()];
        Assert.Equal(["LearningRate", "Beta1", "Beta2", "Epsilon", "WeightDecay"], problems.Select(p => p.Split(' ')[0]));
        Assert.Empty(new AdamWOptions().Problems());
    }

    static Tensor Parameter(float[] values) => tensor(values).requires_grad_();

    static float Normal(Random random) =>
        (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));

    // ‖found − expected‖ over the larger of ‖expected‖ and ‖start‖: where a parameter passes 0 its own size says nothing.
    static double RelativeError(Tensor found, double[] expected, float[] start)
    {
        var difference = Norm(expected.Zip(found.data<float>().ToArray(), (e, f) => e - f));
        return difference / Math.Max(Norm(expected), Norm(start.Select(v => (double)v)));
    }

    static double Norm(IEnumerable<double> values) => Math.Sqrt(values.Sum(v => v * v));
}

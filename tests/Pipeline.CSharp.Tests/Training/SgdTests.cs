using CsCheck;
using Superposition.Features;
using Superposition.Tests.References;
using Superposition.Tests.ToyModels;
using Superposition.ToyModels;
using Superposition.Training;
using Xunit;
using static TorchSharp.torch;

namespace Superposition.Tests.Training;

public sealed class SgdTests
{
    [Fact]
    public void A_hundred_steps_are_torchs_SGD_and_the_double_precision_references() =>
        Gen.Select(Gen.Double[1e-4, 0.02], Gen.OneOf(Gen.Const(0.0), Gen.Double[0, 0.95]), Gen.Int[1, 40], Gen.Int[0, 1_000_000]).Sample((rate, momentum, length, seed) =>
        {
            using var scope = NewDisposeScope();
            var (random, options) = (new Random(seed), new SgdOptions { LearningRate = rate, Momentum = momentum });
            float[] start = [.. Enumerable.Range(0, length).Select(_ => 2 * random.NextSingle() - 1)];
            var (ours, theirs) = (tensor(start).requires_grad_(), new TorchSharp.Modules.Parameter(tensor(start)));
            double[] truth = [.. start.Select(v => (double)v)];
            var (mine, torchs, reference) = (new Optimizer(options, ours, 100), optim.SGD([theirs], rate, momentum), new SgdReference(options));
            for (var step = 0; step < 100; step++)
            {
                float[] gradient = [.. Enumerable.Range(0, length).Select(_ => 2 * random.NextSingle() - 0.8f)];
                (ours.grad, theirs.grad) = (tensor(gradient), tensor(gradient));
                mine.Step();
                torchs.step();
                reference.Step(truth, [.. gradient.Select(v => (double)v)]);
            }
            float[] found = [.. ours.data<float>()], expected = [.. theirs.data<float>()];
            for (var i = 0; i < length; i++)
            {
                // Each of a hundred updates rounds the parameter once and the velocity's share of it.
                var tolerance = 1e-5 * (1 + Math.Abs(truth[i]));
                Assert.Equal(truth[i], found[i], tolerance);
                Assert.Equal(expected[i], found[i], tolerance);
            }
        }, iter: 30, threads: 1);

    public static TheoryData<ToyModelEngine, LearningRateDecay> Schedules =>
        new MatrixTheoryData<ToyModelEngine, LearningRateDecay>(Enum.GetValues<ToyModelEngine>(), Enum.GetValues<LearningRateDecay>());

    // The schedule's factors written out, at either engine, through a whole training with momentum.
    [Theory]
    [MemberData(nameof(Schedules))]
    public void A_scheduled_training_is_the_double_precision_references(ToyModelEngine engine, LearningRateDecay decay)
    {
        const int Steps = 40, WarmUp = 8, N = 5, D = 2, Batch = 16;
        var optimizer = new SgdOptions { LearningRate = 0.05, Momentum = 0.8, Schedule = new() { Decay = decay, WarmUp = WarmUp, Final = 0.2 } };
        var world = new SparseFeatureOptions { Features = N, Density = 0.6, Rows = 5000, Seed = 7 };
        var options = new ToyModelOptions { Dimensions = D, Steps = Steps, BatchSize = Batch, Seed = 8, Optimizer = optimizer, Engine = engine, Architecture = ToyArchitecture.Linear };
        var trained = ToyModelGrid.Train([new() { World = world, Model = options }])[0].Best;

        var (w, b) = (new double[N, D], new double[N]);
        var initial = InitialWeights.Of(options, N, 0);
        for (var i = 0; i < N; i++)
            for (var j = 0; j < D; j++) w[i, j] = initial.W[i, j];
        var (stepW, stepB) = (new SgdReference(optimizer), new SgdReference(optimizer));
        for (var step = 1; step <= Steps; step++)
        {
            var rows = AnyToyModel.Rows(world, 0, (step - 1) * Batch, Batch);
            var x = new double[Batch, N];
            for (var r = 0; r < Batch; r++)
                for (var i = 0; i < N; i++) x[r, i] = rows[r][i];
            var (gw, gb) = new ToyModelReference(w, b, [1, 1, 1, 1, 1], architecture: options.Architecture).Gradient(x);
            var t = (step - 1 - WarmUp) / 32.0;
            var factor = step <= WarmUp ? step / 8.0 : decay switch
            {
                LearningRateDecay.Linear => 1 - 0.8 * t,
                LearningRateDecay.Cosine => 0.6 + 0.4 * Math.Cos(Math.PI * t),
                _ => 1,
            };
            double[] flat = [.. w.Cast<double>()];
            stepW.Step(flat, [.. gw.Cast<double>()], factor);
            for (var i = 0; i < flat.Length; i++) w[i / D, i % D] = flat[i];
            stepB.Step(b, gb, factor);
        }
        Assert.InRange(Distances.Largest([[.. w.Cast<double>()], b], [[.. trained.W.Cast<float>()], trained.B]), 0, 1e-4);
    }

    [Fact]
    public void What_is_forgotten_coasts_no_more()
    {
        using var scope = NewDisposeScope();
        var parameter = tensor(new[] { 1f, 1f }).requires_grad_();
        var optimizer = new Optimizer(new SgdOptions { LearningRate = 0.5, Momentum = 0.5 }, parameter, 2);
        parameter.grad = ones_like(parameter);
        optimizer.Step();
        optimizer.Moments.Forget(0, 1);
        optimizer.Step();   // the gradient is 0 now
        Assert.Equal([0.5f, 0.25f], parameter.data<float>().ToArray());
    }

    [Fact]
    public void Every_problem_of_the_options_is_reported_at_once() =>
        Assert.Equal(
            [
                "LearningRate is 0; it must be above 0.", "Schedule.WarmUp is -1; it must be at least 0.", "Schedule.Final is 2; it must be in [0, 1].",
                "Momentum is 1; it must be in [0, 1).",
            ],
            new SgdOptions { LearningRate = 0, Momentum = 1, Schedule = new() { WarmUp = -1, Final = 2 } }.Problems());
}

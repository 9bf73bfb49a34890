using Superposition.Autoencoders;
using Superposition.Tests.References;
using Superposition.Training;
using TorchSharp;
using Xunit;

namespace Superposition.Tests.Autoencoders;

/// <summary>What a step of either engine comes to: loss, errors of the rows, who fired, the least score kept, and all gradients.</summary>
public sealed class StepOutcomeTests(ITestOutputHelper output)
{
    public static TheoryData<string> Architectures => [.. ArchitectureCase.All.Keys];

    [Theory]
    [MemberData(nameof(Architectures))]
    public void Both_engines_say_what_the_reference_does(string name)
    {
        for (var seed = 0; seed < 30; seed++)
        {
            var draw = ArchitectureCase.All[name].Draw(seed);
            var options = ArchitectureCase.All[name].Options(draw);
            var expected = ArchitectureCase.All[name].Loss(draw, SparseAutoencoderReference.Mistakes.None);
            foreach (var engine in Enum.GetValues<SparseAutoencoderEngine>())
            {
                var outcome = Step(options with { Engine = engine }, draw);
                Assert.Equal(expected.Loss, outcome.Loss, 1e-5 * expected.Loss);
                var errors = draw.Target.Zip(expected.Reconstructions, (y, to) => y.Zip(to, (a, b) => (a - b) * (a - b)).Sum()).ToArray();
                for (var b = 0; b < errors.Length; b++) Assert.Equal(errors[b], outcome.Errors[b], 1e-5 * (1 + errors[b]));
                Assert.Equal(Enumerable.Range(0, draw.Latents).Select(j => expected.Latents.Count(z => z[j] != 0)), outcome.Fired);
                Assert.Equal(expected.Latents.Sum(z => z.Count(v => v != 0)) / (double)draw.X.Length, outcome.L0, 1e-12);
                if (options is not TranscoderOptions) Assert.Equal(LeastKept(expected, draw, options.DecoderNorm), outcome.LeastKept, 1e-5);
            }
        }
    }

    /// <summary>What SGD remembers after one step is the gradient; of unit rows, its tangent to the sphere.</summary>
    [Theory]
    [MemberData(nameof(Architectures))]
    public void Both_engines_have_the_reference_s_gradients(string name)
    {
        var worst = new Dictionary<SparseAutoencoderEngine, double>();
        for (var seed = 0; seed < 60; seed++)
        {
            var draw = ArchitectureCase.All[name].Draw(seed);
            var options = ArchitectureCase.All[name].Options(draw) with { Optimizer = new SgdOptions { LearningRate = 1e-30 } };
            var expected = ArchitectureCase.All[name].Loss(draw, SparseAutoencoderReference.Mistakes.None).Gradients;
            var all = Difference.Norm([.. expected.Values.SelectMany(gradient => gradient)]);
            foreach (var engine in Enum.GetValues<SparseAutoencoderEngine>())
                foreach (var (parameter, found) in Gradients(options with { Engine = engine }, draw))
                {
                    var whole = expected[parameter];
                    var tangent = parameter == "W_dec" && options.DecoderNorm == DecoderNorm.Unit ? Tangent(whole, draw) : whole;
                    var difference = Difference.Relative(found, tangent, Math.Max(Difference.Norm(whole), 0.1 * all));
                    worst[engine] = Math.Max(worst.GetValueOrDefault(engine), difference);
                }
        }
        output.WriteLine(string.Join(", ", worst.Select(difference => $"{difference.Key}: {difference.Value:E1}")));
        Assert.All(worst.Values, difference => Assert.InRange(difference, 0, 1e-5));
    }

    static Dictionary<string, double[]> Gradients(SparseAutoencoderOptions options, AutoencoderDraw draw)
    {
        using var scope = torch.NewDisposeScope();
        using var engine = Engine.Steps(options, draw.Reference);
        Step(engine, draw);
        engine.Update();
        return engine.Parameters.Names.Zip(engine.Moments)
            .ToDictionary(pair => pair.First, pair => Assert.Single(pair.Second.State).Select(v => (double)v).ToArray());
    }

    // g − (g·r)r, row by row.
    static double[] Tangent(double[] gradient, AutoencoderDraw draw)
    {
        var width = draw.Target[0].Length;
        return [.. gradient.Chunk(width).Zip(draw.Reference.Parameters["W_dec"].Chunk(width)).SelectMany(pair =>
        {
            var along = pair.First.Zip(pair.Second, (g, r) => g * r).Sum();
            return pair.First.Zip(pair.Second, (g, r) => g - along * r);
        })];
    }

    /// <summary>The first least score, from then on one part in a hundred of the newest (SAELens batchtopk_sae.py has that rate).</summary>
    [Fact]
    public void The_threshold_of_BatchTopK_follows_the_least_score_that_was_kept()
    {
        var options = new BatchTopKOptions { Latents = 3, K = 1, Seed = 1 };
        var architecture = options.Architecture;
        Assert.Equal(0, Served());
        Observe(0.5);
        Assert.Equal(0.5, Served(), 1e-7);
        Observe(double.PositiveInfinity);   // nothing was kept
        Assert.Equal(0.5, Served(), 1e-7);
        Observe(1.5);
        Assert.Equal(0.51, Served(), 1e-7);

        void Observe(double least) => architecture.Observe(new(0, [0], [0, 0, 0], least));

        double Served() => Assert.Single(((JumpReluActivation)architecture.Activation(null!, [1, 1, 1])).Thresholds.Distinct());
    }

    static double LeastKept(SparseAutoencoderReference.Result expected, AutoencoderDraw draw, DecoderNorm norm)
    {
        double[] norms = [.. draw.Reference.Parameters["W_dec"].Chunk(draw.Dimensions)
            .Select(row => norm == DecoderNorm.Free ? Math.Sqrt(row.Sum(v => v * v)) : 1)];
        return expected.Latents.SelectMany(z => z.Select((v, j) => Math.Abs(v) * norms[j])).Where(score => score > 0)
            .DefaultIfEmpty(double.PositiveInfinity).Min();
    }

    static StepOutcome Step(SparseAutoencoderOptions options, AutoencoderDraw draw)
    {
        using var scope = torch.NewDisposeScope();
        using var engine = Engine.Steps(options, draw.Reference);
        return Step(engine, draw);
    }

    static StepOutcome Step(StepEngine engine, AutoencoderDraw draw)
    {
        var x = Engine.Batch(draw.X);
        var target = ReferenceEquals(draw.X, draw.Target) ? x : Engine.Batch(draw.Target);
        return engine.Step(new(x, target, [.. draw.Dead.Select(j => (long)j)], 1));
    }
}

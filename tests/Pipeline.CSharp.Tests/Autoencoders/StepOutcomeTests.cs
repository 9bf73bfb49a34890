using Superposition.Autoencoders;
using Superposition.Tests.References;
using TorchSharp;
using Xunit;

namespace Superposition.Tests.Autoencoders;

/// <summary>What a step says it came to: loss, errors of the rows, who fired, and the least score that was kept.</summary>
public sealed class StepOutcomeTests
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
        var x = Engine.Batch(draw.X);
        return engine.Step(new(x, ReferenceEquals(draw.X, draw.Target) ? x : Engine.Batch(draw.Target), [.. draw.Dead.Select(j => (long)j)], 1));
    }
}

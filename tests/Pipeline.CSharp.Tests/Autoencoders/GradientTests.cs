using Superposition.Autoencoders;
using Superposition.Tests.References;
using Xunit;
using static Superposition.Tests.References.SparseAutoencoderReference;
using static TorchSharp.torch;

namespace Superposition.Tests.Autoencoders;

/// <summary>Every architecture's forward pass, loss and gradients against the reference, at random shapes.</summary>
public sealed class GradientTests(ITestOutputHelper output)
{
    const int Shapes = 60;
    const double InSingle = 1e-5, InDouble = 1e-10;   // of the norm

    public static TheoryData<string> Architectures => [.. ArchitectureCase.All.Keys];

    [Theory]
    [MemberData(nameof(Architectures))]
    public void Every_architecture_descends_the_reference(string name)
    {
        var architecture = ArchitectureCase.All[name];
        var (single, precise, repeats) = (0.0, 0.0, 0);
        for (var seed = 0; seed < Shapes; seed++)
        {
            var draw = architecture.Draw(seed);
            var options = architecture.Options(draw);
            var expected = architecture.Loss(draw, Mistakes.None);
            var found = Engine.Run(options, draw, ScalarType.Float64);
            Assert.Equal(architecture.Parameters.Order(), found.Gradients.Keys.Order());
            precise = Math.Max(precise, Difference.Of(found, expected));
            single = Math.Max(single, Difference.Of(Engine.Run(options, draw), expected, share: 0.1));
            repeats += draw.Repeats;
        }
        output.WriteLine($"worst difference {precise:E1} in double, {single:E1} in single precision; {repeats} batches drawn again");
        Assert.InRange(precise, 0, InDouble);
        Assert.InRange(single, 0, InSingle);
    }

    /// <summary>What is compared is there: dead latents, windows of thresholds, repeats of a pursuit.</summary>
    [Fact]
    public void The_draws_reach_what_is_special_to_an_architecture()
    {
        Assert.InRange(Count("TopK", draw => draw.Dead.Length > 0), Shapes / 2, Shapes);
        Assert.InRange(Count("JumpReLU, step", draw =>
            ArchitectureCase.All["JumpReLU, step"].Loss(draw, Mistakes.None).Gradients["threshold"].Any(g => g != 0)), Shapes / 2, Shapes);
        // One that stops on repeats ends elsewhere than one that does not.
        Assert.InRange(Count("matching pursuit, repeats", draw =>
            ArchitectureCase.All["matching pursuit"].Loss(draw, Mistakes.None).Loss
            != ArchitectureCase.All["matching pursuit, repeats"].Loss(draw, Mistakes.None).Loss), 5, Shapes);

        static int Count(string name, Func<AutoencoderDraw, bool> has) =>
            Enumerable.Range(0, Shapes).Count(seed => has(ArchitectureCase.All[name].Draw(seed)));
    }

    [Fact]
    public void The_price_of_L1_grows_from_nothing_over_the_warm_up_and_then_stays()
    {
        var draw = AutoencoderDraw.L1(new(1));
        var options = new L1Options { Latents = draw.Latents, Coefficient = 0.5, WarmUp = 0.1, Samples = 1000, BatchSize = 1, Seed = 0 };
        foreach (var (step, share) in new[] { (0L, 0.0), (1, 0.01), (50, 0.5), (99, 0.99), (100, 1), (1000, 1) })
            Assert.InRange(
                Difference.Of(Engine.Run(options, draw, step: step), draw.Reference.L1(draw.X, share * 0.5, weighted: true)), 0, InSingle);
    }

    /// <summary>p = 1 until a quarter of the steps, then in ten equal steps to 0.2 at the last.</summary>
    [Fact]
    public void The_power_falls_in_steps_from_1_to_its_end()
    {
        var draw = ArchitectureCase.All["p-annealing"].Draw(2);
        var options = new PAnnealingOptions
        {
            Latents = draw.Latents, Coefficient = 0.5, WarmUp = 0, Samples = 400, BatchSize = 1, Seed = 0,
        };
        (long Step, double Power)[] course = [(1, 1), (100, 1), (101, 0.92), (130, 0.92), (131, 0.84), (370, 0.28), (371, 0.2), (400, 0.2)];
        foreach (var (step, power) in course)
        {
            var expected = draw.Reference.PAnnealing(draw.X, 0.5, power, root: false, weighted: false);
            Assert.InRange(Difference.Of(Engine.Run(options, draw, step: step), expected), 0, InSingle);
        }
    }

    [Theory]
    [InlineData("TopK")]
    [InlineData("AbsTopK, free rows")]
    [InlineData("BatchTopK")]
    [InlineData("Matryoshka")]
    [InlineData("transcoder, skip")]
    public void At_most_k_latents_a_sample_are_kept_and_none_is_negative_but_of_AbsTopK(string name)
    {
        for (var seed = 0; seed < 30; seed++)
        {
            var draw = ArchitectureCase.All[name].Draw(seed);
            var latents = Engine.Run(ArchitectureCase.All[name].Options(draw), draw).Latents;
            if (!name.StartsWith("Abs", StringComparison.Ordinal)) Assert.All(latents, z => Assert.True(z >= 0));
            var k = ArchitectureCase.All[name].Options(draw) is BatchTopKOptions or MatryoshkaOptions ? draw.K + 0.4 : draw.K;
            Assert.InRange(latents.Count(z => z != 0), 0, k * draw.X.Length);
            if (k == draw.K) Assert.All(latents.Chunk(draw.Latents), row => Assert.InRange(row.Count(z => z != 0), 0, draw.K));
        }
    }

    // ---- changes of a problem that must change its gradients likewise

    [Theory]
    [MemberData(nameof(Architectures))]
    public void The_order_of_samples_changes_no_gradient(string name) => Unchanged(name, draw =>
        (Reordered(draw, AutoencoderDraw.Permutation(new(5), draw.X.Length)), (_, gradient) => gradient));

    [Theory]
    [InlineData("L1")]
    [InlineData("gated")]
    [InlineData("TopK")]
    [InlineData("JumpReLU, quadratic")]
    [InlineData("matching pursuit")]
    [InlineData("transcoder, skip")]
    public void Seeing_every_sample_twice_changes_no_gradient(string name) => Unchanged(name, draw =>
        (Reordered(draw, [.. Enumerable.Range(0, 2 * draw.X.Length).Select(b => b / 2)]), (_, gradient) => gradient));

    [Theory]
    [MemberData(nameof(Architectures))]
    public void Renaming_latents_renames_gradients(string name)
    {
        if (name.StartsWith("Matryoshka", StringComparison.Ordinal)) return;   // whose levels are by name
        Unchanged(name, draw =>
        {
            var m = draw.Latents;
            var order = AutoencoderDraw.Permutation(new(6), m);   // latent j of the new one is order[j] of the old
            double[] Renamed(string parameter, double[] values, Func<int, int> old) => SparseAutoencoderParameters.IsByLatent(parameter)
                ? [.. Enumerable.Range(0, m).SelectMany(j => values.Chunk(values.Length / m).ElementAt(old(j)))]
                : values;
            var renamed = draw with
            {
                Reference = new(m, draw.Reference.Parameters.ToDictionary(p => p.Key, p => Renamed(p.Key, p.Value, j => order[j]))),
                Dead = [.. draw.Dead.Select(j => Array.IndexOf(order, j)).Order()],
            };
            return (renamed, (parameter, gradient) => Renamed(parameter, gradient, j => Array.IndexOf(order, j)));
        });
    }

    [Theory]
    [MemberData(nameof(Architectures))]
    public void Mirroring_a_dimension_of_the_activations_mirrors_gradients(string name) => Unchanged(name, draw =>
    {
        var (d, mirror, isTranscoder) = (draw.Dimensions, draw.Dimensions / 2, !ReferenceEquals(draw.X, draw.Target));
        double[] Flip(double[] values) => [.. values.Select((v, at) => at % d == mirror ? -v : v)];
        bool Flips(string parameter) => parameter is "W_enc" or "W_skip" || !isTranscoder && parameter is ("W_dec" or "b_dec");
        double[][] x = [.. draw.X.Select(Flip)];
        var mirrored = draw with
        {
            Reference = new(draw.Latents, draw.Reference.Parameters.ToDictionary(p => p.Key, p => Flips(p.Key) ? Flip(p.Value) : p.Value)),
            X = x,
            Target = isTranscoder ? draw.Target : x,
        };
        return (mirrored, (parameter, gradient) => Flips(parameter) ? Flip(gradient) : gradient);
    });

    static AutoencoderDraw Reordered(AutoencoderDraw draw, int[] order)
    {
        double[][] x = [.. order.Select(b => draw.X[b])];
        return draw with { X = x, Target = ReferenceEquals(draw.X, draw.Target) ? x : [.. order.Select(b => draw.Target[b])] };
    }

    // A change of the problem whose gradients, taken back, must be those of the problem itself.
    static void Unchanged(string name, Func<AutoencoderDraw, (AutoencoderDraw Changed, Func<string, double[], double[]> Back)> change)
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var draw = ArchitectureCase.All[name].Draw(seed);
            var (changed, back) = change(draw);
            var options = ArchitectureCase.All[name].Options(draw);
            var one = Engine.Run(options, draw, ScalarType.Float64);
            var other = Engine.Run(options, changed, ScalarType.Float64);
            Assert.Equal(one.Loss, other.Loss, InDouble * one.Loss);
            Assert.InRange(Difference.Of(other.Gradients.ToDictionary(g => g.Key, g => back(g.Key, g.Value)), one.Gradients), 0, InDouble);
        }
    }
}

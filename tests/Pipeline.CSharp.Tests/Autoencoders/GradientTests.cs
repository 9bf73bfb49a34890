using Superposition.Autoencoders;
using Superposition.Tests.References;
using Xunit;
using static Superposition.Tests.References.SparseAutoencoderReference;

namespace Superposition.Tests.Autoencoders;

/// <summary>The engine in single precision against the reference in double, at 100 random shapes each.</summary>
public sealed class GradientTests(ITestOutputHelper output)
{
    const int Shapes = 100;
    const double Tolerance = 1e-5;   // of the norm

    [Fact]
    public void TopK_descends_the_reference_with_and_without_dead_latents()
    {
        var (worst, skipped, samples, withDead) = (0.0, 0, 0, 0);
        for (var seed = 0; seed < Shapes; seed++)
        {
            var draw = AutoencoderDraw.TopK(new(seed));
            var alpha = draw.K % 3 == 0 ? 1.0 : 1.0 / 32;
            var options = new TopKOptions { Latents = draw.Latents, K = draw.K, AuxiliaryCoefficient = alpha, Seed = 0 };
            worst = Math.Max(worst, Difference(
                Engine.Run(options, draw.Reference, draw.X, draw.Dead), draw.Reference.TopK(draw.X, draw.K, alpha, draw.Dead)));
            (skipped, samples, withDead) = (skipped + draw.Skipped, samples + draw.X.Length, withDead + Math.Sign(draw.Dead.Length));
        }
        output.WriteLine($"worst relative difference {worst:E1}; {withDead} shapes with dead latents; {skipped} samples skipped beside {samples}");
        Assert.InRange(worst, 0, Tolerance);
        Assert.InRange(withDead, Shapes / 2, Shapes);
    }

    [Fact]
    public void L1_descends_the_reference_through_the_norm()
    {
        var (worst, skipped, samples) = (0.0, 0, 0);
        for (var seed = 0; seed < Shapes; seed++)
        {
            var draw = AutoencoderDraw.L1(new(seed));
            var options = new L1Options { Latents = draw.Latents, Coefficient = 0.1 * (1 + seed % 5), WarmUp = 0, Seed = 0 };
            worst = Math.Max(worst, Difference(Engine.Run(options, draw.Reference, draw.X), draw.Reference.L1(draw.X, options.Coefficient)));
            (skipped, samples) = (skipped + draw.Skipped, samples + draw.X.Length);
        }
        output.WriteLine($"worst relative difference {worst:E1}; {skipped} samples skipped beside {samples}");
        Assert.InRange(worst, 0, Tolerance);
    }

    [Fact]
    public void The_price_of_L1_grows_from_nothing_over_the_warm_up_and_then_stays()
    {
        var draw = AutoencoderDraw.L1(new(1));
        var options = new L1Options { Latents = draw.Latents, Coefficient = 0.5, WarmUp = 0.1, Samples = 1000, BatchSize = 1, Seed = 0 };
        foreach (var (step, share) in new[] { (0L, 0.0), (1, 0.01), (50, 0.5), (99, 0.99), (100, 1), (1000, 1) })
            Assert.InRange(
                Difference(Engine.Run(options, draw.Reference, draw.X, step: step), draw.Reference.L1(draw.X, share * 0.5)), 0, Tolerance);
    }

    /// <summary>The comparison has teeth: an engine with one of these mistakes would be found at nearly every shape with dead latents.</summary>
    [Theory]
    [InlineData(Mistakes.BiasInEstimate)]
    [InlineData(Mistakes.ResidualNotDetached)]
    public void A_mistake_in_AuxK_would_be_seen(Mistakes mistake)
    {
        var (found, withDead) = (0, 0);
        for (var seed = 0; seed < Shapes; seed++)
        {
            var draw = AutoencoderDraw.TopK(new(seed));
            if (draw.Dead.Length == 0) continue;
            withDead++;
            var right = draw.Reference.TopK(draw.X, draw.K, 1.0 / 32, draw.Dead);
            var wrong = draw.Reference.TopK(draw.X, draw.K, 1.0 / 32, draw.Dead, mistakes: mistake);
            if (right.Gradients.Zip(wrong.Gradients).Max(pair => Relative(pair.Second, pair.First)) > 100 * Tolerance) found++;
        }
        Assert.InRange(found, 0.9 * withDead, withDead);
    }

    [Fact]
    public void With_k_equal_to_m_TopK_is_ReLU()
    {
        for (var seed = 0; seed < 30; seed++)
        {
            var draw = AutoencoderDraw.TopK(new(seed));
            var topK = Engine.Run(new TopKOptions { Latents = draw.Latents, K = draw.Latents, Seed = 0 }, draw.Reference, draw.X);
            // At step 0 of its warm-up L1 asks no price yet.
            var relu = Engine.Run(new L1Options { Latents = draw.Latents, Coefficient = 1, Seed = 0 }, draw.Reference, draw.X, step: 0);
            Assert.Equal(relu.Loss, topK.Loss);
            Assert.Equal(relu.Latents, topK.Latents);
            Assert.Equal(relu.Reconstructions, topK.Reconstructions);
            foreach (var (one, other) in relu.Gradients.Zip(topK.Gradients)) Assert.InRange(Relative(one, Doubles(other)), 0, 1e-6);
        }
    }

    [Fact]
    public void Each_sample_keeps_at_most_k_latents_and_none_is_negative()
    {
        for (var seed = 0; seed < 30; seed++)
        {
            var draw = AutoencoderDraw.TopK(new(seed));
            var latents = Engine.Run(new TopKOptions { Latents = draw.Latents, K = draw.K, Seed = 0 }, draw.Reference, draw.X).Latents;
            Assert.All(latents, z => Assert.True(z >= 0));
            Assert.All(latents.Chunk(draw.Latents), row => Assert.InRange(row.Count(z => z != 0), 0, draw.K));
        }
    }

    [Fact]
    public void The_order_of_samples_and_their_repetition_change_no_gradient() => Unchanged(draw =>
    {
        var order = AutoencoderDraw.Permutation(new(5), draw.X.Length);
        return (draw with { X = [.. order.Concat(order).Select(b => draw.X[b])] }, (_, gradients) => gradients);
    });

    [Fact]
    public void Renaming_latents_renames_gradients() => Unchanged(draw =>
    {
        int d = draw.Dimensions, m = draw.Latents;
        var order = AutoencoderDraw.Permutation(new(6), m);   // latent j of the new one is order[j] of the old
        var old = draw.Reference.Parameters;
        var renamed = draw with
        {
            Reference = new(
                [.. old[0].Select((_, at) => old[0][at / m * m + order[at % m]])], [.. order.Select(j => old[1][j])],
                [.. old[2].Select((_, at) => old[2][order[at / d] * d + at % d])], old[3]),
            Dead = [.. draw.Dead.Select(j => Array.IndexOf(order, j)).Order()],
        };
        return (renamed, (which, g) => which switch
        {
            0 => [.. g.Select((_, at) => g[at / m * m + Array.IndexOf(order, at % m)])],
            1 => [.. g.Select((_, j) => g[Array.IndexOf(order, j)])],
            2 => [.. g.Select((_, at) => g[Array.IndexOf(order, at / d) * d + at % d])],
            _ => g,
        });
    });

    [Fact]
    public void Mirroring_a_dimension_of_the_activations_mirrors_gradients() => Unchanged(draw =>
    {
        int d = draw.Dimensions, m = draw.Latents, mirror = d / 2;
        double[] Flip(double[] values, Func<int, int> dimension) => [.. values.Select((v, at) => dimension(at) == mirror ? -v : v)];
        var old = draw.Reference.Parameters;
        var mirrored = draw with
        {
            Reference = new(Flip(old[0], at => at / m), old[1], Flip(old[2], at => at % d), Flip(old[3], at => at)),
            X = [.. draw.X.Select(row => Flip(row, at => at))],
        };
        return (mirrored, (which, g) => which switch
        {
            0 => [.. g.Select((v, at) => at / m == mirror ? -v : v)],
            2 => [.. g.Select((v, at) => at % d == mirror ? -v : v)],
            3 => [.. g.Select((v, at) => at == mirror ? -v : v)],
            _ => g,
        });
    });

    // A change of the problem whose gradients, taken back, must be those of the problem itself.
    static void Unchanged(Func<AutoencoderDraw, (AutoencoderDraw Changed, Func<int, float[], float[]> Back)> change)
    {
        for (var seed = 0; seed < 30; seed++)
        {
            var draw = AutoencoderDraw.TopK(new(seed));
            var (changed, back) = change(draw);
            var options = new TopKOptions { Latents = draw.Latents, K = draw.K, AuxiliaryCoefficient = 1, Seed = 0 };
            var one = Engine.Run(options, draw.Reference, draw.X, draw.Dead);
            var other = Engine.Run(options, changed.Reference, changed.X, changed.Dead);
            Assert.Equal(one.Loss, other.Loss, 1e-5 * one.Loss);
            foreach (var (gradient, which) in other.Gradients.Select((g, i) => (g, i)))
                Assert.InRange(Relative(back(which, gradient), Doubles(one.Gradients[which])), 0, Tolerance);
        }
    }

    static double Difference(Engine.Result engine, Result reference) => engine.Gradients.Zip(reference.Gradients)
        .Select(pair => Relative(pair.First, pair.Second))
        .Append(Math.Abs(engine.Loss - reference.Loss) / reference.Loss)
        .Append(Relative(engine.Latents, [.. reference.Latents.SelectMany(z => z)]))
        .Append(Relative(engine.Reconstructions, [.. reference.Reconstructions.SelectMany(z => z)]))
        .Max();

    // ‖found − expected‖ / ‖expected‖; both nothing is no difference.
    static double Relative(float[] found, double[] expected) => Relative(Doubles(found), expected);

    static double Relative(double[] found, double[] expected)
    {
        Assert.Equal(expected.Length, found.Length);
        var norm = Norm(expected);
        return norm == 0 ? Norm(found) : Norm([.. found.Zip(expected, (f, e) => f - e)]) / norm;
    }

    static double Norm(double[] values) => Math.Sqrt(values.Sum(v => v * v));

    static double[] Doubles(float[] values) => [.. values.Select(v => (double)v)];
}

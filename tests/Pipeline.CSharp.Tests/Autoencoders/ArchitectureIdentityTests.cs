using Superposition.Autoencoders;
using Superposition.Tests.References;
using Superposition.Training;
using Xunit;
using static TorchSharp.torch;

namespace Superposition.Tests.Autoencoders;

/// <summary>Where two architectures are one.</summary>
public sealed class ArchitectureIdentityTests
{
    const double Tolerance = 1e-10;

    [Fact]
    public void With_k_equal_to_m_TopK_is_ReLU() => Same(AutoencoderDraw.TopK, draw => (
        new TopKOptions { Latents = draw.Latents, K = draw.Latents, AuxiliaryCoefficient = 0, Seed = 0 },
        Unpriced(draw, DecoderNorm.Unit)));

    [Fact]
    public void With_k_equal_to_m_BatchTopK_is_ReLU() => Same(AutoencoderDraw.TopK, draw => (
        new BatchTopKOptions { Latents = draw.Latents, K = draw.Latents, AuxiliaryCoefficient = 0, Seed = 0 },
        Unpriced(draw, DecoderNorm.Free)));

    [Fact]
    public void With_thresholds_of_0_JumpReLU_is_ReLU() => Same(AutoencoderDraw.L1, draw => (
        new JumpReluOptions { Latents = draw.Latents, Coefficient = 1e-300, WarmUp = 0, InitialThreshold = 0, Bandwidth = 1e-9, Seed = 0 },
        Unpriced(draw, DecoderNorm.Free)));

    [Fact]
    public void Matryoshka_of_one_width_is_BatchTopK()
    {
        Same(AutoencoderDraw.TopK, draw => (
            new MatryoshkaOptions { Latents = draw.Latents, K = draw.K, Widths = [draw.Latents], Seed = 0 },
            new BatchTopKOptions { Latents = draw.Latents, K = draw.K, Seed = 0 }));
        foreach (var engine in Enum.GetValues<SparseAutoencoderEngine>())
        {
            SparseAutoencoder Trained(SparseAutoencoderOptions options) => (options with
            {
                Samples = 2000,
                BatchSize = 50,
                DeadAfter = 300,
                Engine = engine,
            }).Train(Recorded.View(Recorded.Normal(1, 500, 6))).Autoencoder;
            var x = Trained(new MatryoshkaOptions { Latents = 9, K = 2.5, Widths = [9], Seed = 1 });
            var y = Trained(new BatchTopKOptions { Latents = 9, K = 2.5, Seed = 1 });
            Assert.Equal(y.Encoder, x.Encoder);
            Assert.Equal(y.Decoder, x.Decoder);
            Assert.Equal(((JumpReluActivation)y.Activation).Thresholds, ((JumpReluActivation)x.Activation).Thresholds);
        }
    }

    [Theory]
    [InlineData(DecoderNorm.Unit)]
    [InlineData(DecoderNorm.Free)]
    public void Of_one_row_BatchTopK_is_TopK(DecoderNorm norm) => Same(
        random => AutoencoderDraw.Of(random, new(Batch: 1, 12, 16), ["W_enc", "b_enc", "W_dec", "b_dec"],
            draw => draw.Reference.TopK(draw.X, draw.K, norm == DecoderNorm.Free, new(1, draw.Dead))),
        draw => (
            new BatchTopKOptions { Latents = draw.Latents, K = draw.K, DecoderNorm = norm, Seed = 0 },
            new TopKOptions { Latents = draw.Latents, K = draw.K, DecoderNorm = norm, Seed = 0 }));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void At_p_of_1_p_annealing_is_L1(bool root)
    {
        foreach (var norm in Enum.GetValues<DecoderNorm>())
            Same(AutoencoderDraw.L1, draw => (
                new PAnnealingOptions
                {
                    Latents = draw.Latents, Coefficient = 0.3, WarmUp = 0, FinalPower = 1, TakesRoot = root, DecoderNorm = norm, Seed = 0,
                },
                new L1Options { Latents = draw.Latents, Coefficient = 0.3, WarmUp = 0, DecoderNorm = norm, Seed = 0 }));
    }

    [Fact]
    public void Without_biases_AbsTopK_of_the_negative_is_the_negative()
    {
        for (var seed = 0; seed < 30; seed++)
        {
            var draw = AutoencoderDraw.Of(new(seed), AutoencoderDraw.Sizes.Default, ["W_enc", "W_dec"],
                of => of.Reference.AbsTopK(of.X, of.K, weighted: false, new(0, [])));
            double[][] negative = [.. draw.X.Select(row => row.Select(v => -v).ToArray())];
            var options = new AbsTopKOptions { Latents = draw.Latents, K = draw.K, Seed = 0 };
            var one = Engine.Run(options, draw, ScalarType.Float64, dead: []);
            var other = Engine.Run(options, draw with { X = negative, Target = negative }, ScalarType.Float64, dead: []);
            Assert.Equal(one.Loss, other.Loss, 1e-12 * one.Loss);
            Assert.Equal(one.Latents, other.Latents.Select(z => -z));
            Assert.Equal(one.Reconstructions, other.Reconstructions.Select(v => -v));
            foreach (var weights in new[] { "W_enc", "W_dec" })
                Assert.InRange(Difference.Relative(other.Gradients[weights], one.Gradients[weights]), 0, Tolerance);
        }
    }

    /// <summary>
    /// With b_dec = 0 there is nothing to take off the input: the same loss and the same gradients, but for that of b_dec, which in an
    /// autoencoder is felt by the encoder, too.
    /// </summary>
    [Fact]
    public void A_transcoder_from_a_column_to_itself_differs_from_TopK_in_the_gradient_of_b_dec_alone()
    {
        for (var seed = 0; seed < 30; seed++)
        {
            var draw = AutoencoderDraw.Of(new(seed), AutoencoderDraw.Sizes.Default, ["W_enc", "b_enc", "W_dec"],
                of => of.Reference.TopK(of.X, of.K, weighted: false, new(1, of.Dead)));
            var topK = Engine.Run(new TopKOptions { Latents = draw.Latents, K = draw.K, Seed = 0 }, draw, ScalarType.Float64);
            var transcoder = Engine.Run(
                new TranscoderOptions { Latents = draw.Latents, K = draw.K, TargetColumn = "Activations", Seed = 0 },
                draw, ScalarType.Float64);
            // Up to rounding: the two hand the product a different matrix, and which kernel it takes for it depends on the processor.
            Assert.Equal(topK.Loss, transcoder.Loss, Tolerance * topK.Loss);
            Assert.InRange(Difference.Relative(transcoder.Latents, topK.Latents), 0, Tolerance);
            foreach (var name in new[] { "W_enc", "b_enc", "W_dec" })
                Assert.InRange(Difference.Relative(transcoder.Gradients[name], topK.Gradients[name]), 0, Tolerance);
            // ∂L/∂b_dec there is that here less W_encᵀ·∂L/∂b_enc.
            var (d, encoder) = (draw.Dimensions, draw.Reference.Parameters["W_enc"]);
            var expected = transcoder.Gradients["b_dec"].Select((g, i) =>
                g - Enumerable.Range(0, draw.Latents).Sum(j => encoder[j * d + i] * topK.Gradients["b_enc"][j])).ToArray();
            Assert.InRange(Difference.Relative(topK.Gradients["b_dec"], expected), 0, Tolerance);
        }
    }

    // ReLU alone.
    static L1Options Unpriced(AutoencoderDraw draw, DecoderNorm norm) =>
        new() { Latents = draw.Latents, Coefficient = 1e-300, DecoderNorm = norm, Seed = 0 };

    static void Same(
        Func<Random, AutoencoderDraw> draws, Func<AutoencoderDraw, (SparseAutoencoderOptions One, SparseAutoencoderOptions Other)> options)
    {
        for (var seed = 0; seed < 30; seed++)
        {
            var draw = draws(new(seed));
            var (one, other) = options(draw);
            var (found, expected) = (Engine.Run(one, draw, ScalarType.Float64), Engine.Run(other, draw, ScalarType.Float64));
            Assert.Equal(expected.Loss, found.Loss, Tolerance * expected.Loss);
            Assert.Equal(expected.Latents, found.Latents);
            Assert.InRange(Difference.Relative(found.Reconstructions, expected.Reconstructions), 0, Tolerance);
            foreach (var (name, gradient) in expected.Gradients)
                Assert.InRange(Difference.Relative(found.Gradients[name], gradient), 0, Tolerance);
        }
    }
}

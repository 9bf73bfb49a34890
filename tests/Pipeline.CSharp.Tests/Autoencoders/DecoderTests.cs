using Superposition.Autoencoders;
using Superposition.Tests.References;
using Superposition.Training;
using TorchSharp;
using Xunit;

namespace Superposition.Tests.Autoencoders;

/// <summary>What becomes of the decoder's rows: where they begin, how long they stay, and what folding their norms changes.</summary>
public sealed class DecoderTests
{
    static readonly TopKOptions TopK = new() { Latents = 12, K = 3, Seed = 4, Samples = 2000, BatchSize = 50 };
    static readonly L1Options L1 = new() { Latents = 12, Coefficient = 0.2, Seed = 4, Samples = 2000, BatchSize = 50, ResampleEvery = 7, DeadAfter = 100 };

    public static TheoryData<SparseAutoencoderOptions, int> Trainings => new()
    {
        { TopK, 5 },
        { TopK with { Latents = 1, K = 1 }, 5 },
        { TopK, 1 },
        { TopK with { K = 12 }, 40 },
        { TopK with { DeadAfter = 60, AuxiliaryCoefficient = 1 }, 5 },
        { TopK with { Optimizer = new AdamWOptions { LearningRate = 0.5 } }, 5 },
        { TopK with { Optimizer = new AdamWOptions { LearningRate = 0.1, WeightDecay = 5 } }, 5 },
        { L1, 5 },
        { L1 with { Optimizer = new AdamWOptions { LearningRate = 0.05 } }, 5 },
        { L1, 1 },
    };

    [Theory]
    [MemberData(nameof(Trainings))]
    public void Every_training_ends_with_decoder_rows_of_norm_1(SparseAutoencoderOptions options, int dimensions)
    {
        var trained = options.Train(Recorded.View(Recorded.Normal(1, 300, dimensions))).Autoencoder;
        Assert.All(trained.Decoder.Rows(), row => Assert.Equal(1, row.Norm(), 1e-6));
    }

    [Fact]
    public void Training_begins_at_the_mean_of_the_first_batch_with_the_decoder_transposed_as_encoder()
    {
        var rows = Recorded.Normal(2, 300, 5).Select(row => row.Select((v, i) => v + i).ToArray()).ToArray();
        foreach (var options in new SparseAutoencoderOptions[] { TopK.Still(), L1.Still() })
        {
            var begun = (options with { Samples = 50 }).Train(Recorded.View(rows)).Autoencoder;
            for (var i = 0; i < 5; i++) Assert.Equal(rows[..50].Average(row => row[i]), begun.DecoderBias[i], 1e-5);
            Assert.All(begun.EncoderBias, b => Assert.Equal(0, b, 1e-20));
            // L1's rows begin at 0.1; folding moves that into the encoder a second time.
            var norm = options is L1Options ? 0.01 : 1;
            for (var i = 0; i < 5; i++)
                for (var j = 0; j < options.Latents; j++) Assert.Equal(begun.Decoder[j, i] * norm, begun.Encoder[i, j], 1e-6);
            Assert.Equal(options.Latents, begun.Decoder.Rows().Select(row => row[0]).Distinct().Count());
        }
    }

    [Fact]
    public void Rows_begin_at_the_norm_the_architecture_asks_for_in_directions_that_follow_from_the_seed()
    {
        foreach (var norm in new[] { 0.1, 1 })
        {
            var (one, same, other) = (Begin(norm, 1), Begin(norm, 1), Begin(norm, 2));
            Assert.All(one.Chunk(6), row => Assert.Equal(norm, row.Norm(), 1e-6));
            Assert.Equal(one, same);
            Assert.Empty(one.Intersect(other));
        }

        static float[] Begin(double norm, long seed)
        {
            var options = L1 with { Latents = 9, InitialDecoderNorm = norm, Seed = seed };
            using var parameters = new SparseAutoencoderParameters(options, options.Architecture, new float[6], new float[6]);
            Assert.Equal(parameters.Encoder.data<float>(), parameters.Decoder.data<float>());
            return [.. parameters.Decoder.data<float>()];
        }
    }

    /// <summary>W_dec = 0, b_enc takes the input's mean off, b_dec is the target's (EleutherAI/sparsify sparse_coder.py).</summary>
    [Fact]
    public void A_transcoder_begins_silent_at_the_means_of_its_input_and_its_target()
    {
        var options = new TranscoderOptions { Latents = 9, K = 2, Seed = 1, TargetColumn = "Target", Skip = true };
        float[] input = [1, -2, 0.5f], target = [3, 4];
        using var parameters = new SparseAutoencoderParameters(options, options.Architecture, input, target);
        Assert.All(parameters.Decoder.data<float>(), v => Assert.Equal(0, v));
        Assert.All(parameters["W_skip"].data<float>(), v => Assert.Equal(0, v));
        Assert.Equal(target, parameters.DecoderBias.data<float>());
        using var x = torch.tensor(input).reshape(1, 3);
        using var h = parameters.Encode(x);
        Assert.All(h.data<float>(), v => Assert.Equal(0, v, 1e-6));
        Assert.Contains(parameters.EncoderBias.data<float>(), b => Math.Abs(b) > 1e-2);
    }

    /// <summary>Plain descent by η from a row r of norm 1 along a gradient g: r − η(g − (g·r)r), divided by its norm.</summary>
    [Theory]
    [InlineData(SparseAutoencoderEngine.Auto)]
    [InlineData(SparseAutoencoderEngine.Autograd)]
    public void Unit_rows_move_along_the_sphere_by_the_gradient_s_tangent(SparseAutoencoderEngine engine)
    {
        for (var seed = 0; seed < 30; seed++)
        {
            var draw = AutoencoderDraw.TopK(new(seed));
            var d = draw.Dimensions;
            foreach (var row in draw.Reference.Parameters["W_dec"].Chunk(d).Select((row, j) => (row, j)))
                Normalised(row.row).CopyTo(draw.Reference.Parameters["W_dec"], row.j * d);
            var options = new TopKOptions { Latents = draw.Latents, K = draw.K, Seed = 0, Optimizer = Descent, Engine = engine };
            var gradients = Engine.Run(options, draw).Gradients["W_dec"].Chunk(d).ToArray();
            var moved = Moved(options, draw);
            foreach (var (row, j) in draw.Reference.Parameters["W_dec"].Chunk(d).Select((row, j) => (row, j)))
            {
                var along = row.Zip(gradients[j], (r, g) => r * g).Sum();
                double[] expected = Normalised([.. row.Zip(gradients[j], (r, g) => r - Rate * (g - along * r))]);
                for (var i = 0; i < d; i++) Assert.Equal(expected[i], moved[j][i], 1e-5 * (1 + Math.Abs(along)));
            }
        }
    }

    [Fact]
    public void Free_rows_move_by_their_gradient_and_have_no_norm_rule()
    {
        for (var seed = 0; seed < 30; seed++)
        {
            var draw = AutoencoderDraw.L1(new(seed));
            var options = L1 with { Latents = draw.Latents, Optimizer = Descent, WarmUp = 0 };
            var gradient = Engine.Run(options, draw).Gradients["W_dec"];
            double[] expected = [.. draw.Reference.Parameters["W_dec"].Zip(gradient, (w, g) => w - Rate * g)];
            Assert.InRange(Difference.Relative([.. Moved(options, draw).SelectMany(row => row).Select(v => (double)v)], expected), 0, 1e-6);
        }
    }

    /// <summary>All gradients together are scaled down to the clip where they are longer, and left alone where they are not.</summary>
    [Theory]
    [InlineData(SparseAutoencoderEngine.Auto)]
    [InlineData(SparseAutoencoderEngine.Autograd)]
    public void A_clip_shortens_all_gradients_alike_to_its_length(SparseAutoencoderEngine engine)
    {
        var draw = AutoencoderDraw.TopK(new(3));
        var options = new TopKOptions
        {
            Latents = draw.Latents, K = draw.K, Seed = 0, DecoderNorm = DecoderNorm.Free, Optimizer = Descent, Engine = engine,
        };
        var gradients = Engine.Run(options, draw).Gradients;
        var length = Math.Sqrt(gradients.Values.Sum(gradient => gradient.Sum(g => g * g)));
        foreach (var clip in new[] { length / 3, length * 3 })
        {
            var rate = Rate * Math.Min(1, clip / length);
            double[] expected = [.. draw.Reference.Parameters["W_dec"].Zip(gradients["W_dec"], (w, g) => w - rate * g)];
            var moved = Moved(options with { GradientClip = clip }, draw).SelectMany(row => row).Select(v => (double)v).ToArray();
            Assert.InRange(Difference.Relative(moved, expected), 0, 1e-6);
        }
    }

    const double Rate = 0.125;

    static readonly SgdOptions Descent = new() { LearningRate = Rate };

    // The decoder's rows after one step on the draw.
    static float[][] Moved(SparseAutoencoderOptions options, AutoencoderDraw draw)
    {
        using var scope = torch.NewDisposeScope();
        using var engine = Engine.Steps(options, draw.Reference);
        var x = Engine.Batch(draw.X);
        engine.Step(new(x, x, [.. draw.Dead.Select(j => (long)j)], 1));
        engine.Update();
        return [.. engine.Parameters.Decoder.data<float>().ToArray().Chunk(draw.Dimensions)];
    }

    static double[] Normalised(double[] row)
    {
        var norm = Math.Sqrt(row.Sum(v => v * v));
        return [.. row.Select(v => v / norm)];
    }

    [Fact]
    public void Folding_the_norms_into_the_encoder_changes_no_output_and_scales_latents_by_them()
    {
        for (var seed = 0; seed < 30; seed++)
        {
            var draw = AutoencoderDraw.L1(new(seed));
            var options = L1 with { Latents = draw.Latents };
            using var parameters = Engine.Parameters(draw.Reference, options);
            var folded = Reference(parameters.ToAutoencoder(options.Architecture));
            var d = draw.Dimensions;
            var (before, after) = (draw.Reference.L1(draw.X, 0.5, weighted: true), folded.L1(draw.X, 0.5, weighted: false));
            var norms = draw.Reference.Parameters["W_dec"].Chunk(d).Select(row => Math.Sqrt(row.Sum(v => v * v))).ToArray();
            Assert.Equal(before.Loss, after.Loss, 1e-5 * before.Loss);
            for (var b = 0; b < draw.X.Length; b++)
            {
                for (var i = 0; i < d; i++) Assert.Equal(before.Reconstructions[b][i], after.Reconstructions[b][i], 1e-5);
                for (var j = 0; j < draw.Latents; j++) Assert.Equal(before.Latents[b][j] * norms[j], after.Latents[b][j], 1e-5);
            }
        }
    }

    static SparseAutoencoderReference Reference(SparseAutoencoder autoencoder)
    {
        int d = autoencoder.Dimensions, m = autoencoder.Latents;
        return new(m, new Dictionary<string, double[]>
        {
            ["W_enc"] = [.. Enumerable.Range(0, m * d).Select(at => (double)autoencoder.Encoder[at % d, at / d])],
            ["b_enc"] = [.. autoencoder.EncoderBias.Select(v => (double)v)],
            ["W_dec"] = [.. autoencoder.Decoder.Cast<float>().Select(v => (double)v)],
            ["b_dec"] = [.. autoencoder.DecoderBias.Select(v => (double)v)],
        });
    }
}

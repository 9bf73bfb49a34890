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
            using var parameters = new SparseAutoencoderParameters(9, new float[6], norm, seed);
            return [.. parameters.Decoder.data<float>()];
        }
    }

    [Fact]
    public void The_projected_gradient_is_tangent_to_the_sphere_and_differs_only_along_the_row()
    {
        for (var seed = 0; seed < 30; seed++)
        {
            var draw = AutoencoderDraw.TopK(new(seed));
            var (d, decoder) = (draw.Dimensions, draw.Reference.Parameters[2]);
            for (var j = 0; j < draw.Latents; j++) Normalise(decoder.AsSpan(j * d, d));
            var architecture = new TopKOptions { Latents = draw.Latents, K = draw.K, Seed = 0 }.Architecture;
            using var parameters = Engine.Parameters(draw.Reference);
            using var scope = torch.NewDisposeScope();
            architecture.Forward(Engine.Batch(draw.X), parameters, [], 1).Loss.backward();
            var before = parameters.Decoder.grad!.data<float>().ToArray();
            using (torch.no_grad()) architecture.BeforeUpdate(parameters);
            var after = parameters.Decoder.grad!.data<float>().ToArray();
            for (var j = 0; j < draw.Latents; j++)
            {
                double Along(float[] gradient) => Enumerable.Range(j * d, d).Sum(at => gradient[at] * decoder[at]);
                var scale = 1e-5 * (1 + before.AsSpan(j * d, d).ToArray().Norm());
                Assert.Equal(0, Along(after), scale);
                for (var at = j * d; at < j * d + d; at++) Assert.Equal(before[at] - Along(before) * decoder[at], after[at], scale);
            }
        }

        static void Normalise(Span<double> row)
        {
            var norm = Math.Sqrt(row.ToArray().Sum(v => v * v));
            foreach (ref var v in row) v /= norm;
        }
    }

    [Fact]
    public void L1_has_no_projection_and_no_norm_rule()
    {
        var draw = AutoencoderDraw.L1(new(3));
        using var parameters = Engine.Parameters(draw.Reference);
        using var scope = torch.NewDisposeScope();
        L1.Architecture.Forward(Engine.Batch(draw.X), parameters, [], 1).Loss.backward();
        var gradient = parameters.Decoder.grad!.data<float>().ToArray();
        L1.Architecture.BeforeUpdate(parameters);
        L1.Architecture.AfterUpdate(parameters);
        Assert.Equal(gradient, parameters.Decoder.grad!.data<float>().ToArray());
        Assert.Equal(Engine.Singles(draw.Reference.Parameters[2]), parameters.Decoder.data<float>().ToArray());
    }

    [Fact]
    public void Folding_the_norms_into_the_encoder_changes_no_output_and_scales_latents_by_them()
    {
        for (var seed = 0; seed < 30; seed++)
        {
            var draw = AutoencoderDraw.L1(new(seed));
            using var parameters = Engine.Parameters(draw.Reference);
            var folded = Reference(parameters.ToAutoencoder(new ReluActivation()));
            var d = draw.Dimensions;
            var (before, after) = (draw.Reference.L1(draw.X, 0.5), folded.L1(draw.X, 0.5));
            var norms = draw.Reference.Parameters[2].Chunk(d).Select(row => Math.Sqrt(row.Sum(v => v * v))).ToArray();
            Assert.Equal(before.Loss, after.Loss, 1e-5 * before.Loss);
            for (var b = 0; b < draw.X.Length; b++)
            {
                for (var i = 0; i < d; i++) Assert.Equal(before.Reconstructions[b][i], after.Reconstructions[b][i], 1e-5);
                for (var j = 0; j < draw.Latents; j++) Assert.Equal(before.Latents[b][j] * norms[j], after.Latents[b][j], 1e-5);
            }
        }
    }

    static SparseAutoencoderReference Reference(SparseAutoencoder autoencoder) => new(
        Doubles(autoencoder.Encoder.Rows().SelectMany(v => v)), Doubles(autoencoder.EncoderBias),
        Doubles(autoencoder.Decoder.Rows().SelectMany(v => v)), Doubles(autoencoder.DecoderBias));

    static double[] Doubles(IEnumerable<float> values) => [.. values.Select(v => (double)v)];
}

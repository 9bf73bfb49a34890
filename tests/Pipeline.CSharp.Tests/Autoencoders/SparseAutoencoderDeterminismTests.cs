using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Superposition.Autoencoders;
using Superposition.Training;
using TorchSharp;
using Xunit;

namespace Superposition.Tests.Autoencoders;

// Design, decision 5: same engine, same kind of CPU: same bytes, whatever the thread count.
[Collection(nameof(Alone))]
public sealed class SparseAutoencoderDeterminismTests
{
    // Large enough that torch shares its work out, with dead latents, so that AuxK and resampling have their part.
    internal static readonly TopKOptions TopK = new()
    {
        Latents = 256, K = 8, Seed = 7, Samples = 8000, BatchSize = 512, DeadAfter = 2000, AuxiliaryCoefficient = 1,
        Optimizer = new AdamWOptions { LearningRate = 1e-3, WeightDecay = 0.01 },
    };

    internal static readonly L1Options L1 = new()
    {
        Latents = 256, Coefficient = 0.5, Seed = 7, Samples = 8000, BatchSize = 512, DeadAfter = 2000, ResampleEvery = 5,
        Optimizer = new AdamWOptions { LearningRate = 1e-3 },
    };

    public static TheoryData<SparseAutoencoderOptions> Architectures => new() { TopK, L1 };

    [Theory]
    [MemberData(nameof(Architectures))]
    public void Same_options_give_the_same_bytes_with_one_thread_and_two(SparseAutoencoderOptions options) =>
        Assert.Equal(Digest(1, options), Digest(2, options));

    [Theory]
    [InlineData("topk")]
    [InlineData("l1")]
    public void Same_options_give_the_same_bytes_in_a_second_process(string training) =>
        Assert.Equal(Digest(1, training == "topk" ? TopK : L1), SecondProcess.Digest(threads: 2, training));

    // Long sums over the batch, and few results to share out among threads. (With one dimension or one latent there is a single
    // result; torch then sums parts of a batch above 32,768 in as many threads as there are, and the last bit follows from that.)
    [Theory]
    [InlineData(1, 1, 30_000)]
    [InlineData(2, 2, 40_000)]
    [InlineData(3, 5, 40_000)]
    [InlineData(16, 300, 1000)]
    [InlineData(300, 33, 300)]
    public void Same_options_give_the_same_bytes_whatever_the_shape(int dimensions, int latents, int batch)
    {
        foreach (var options in new SparseAutoencoderOptions[] { TopK with { K = Math.Max(1, latents / 4) }, L1 with { ResampleEvery = 2 } })
        {
            var shaped = options with { Latents = latents, BatchSize = batch, Samples = 3 * batch, DeadAfter = batch };
            Assert.Equal(Digest(1, shaped, dimensions), Digest(2, shaped, dimensions));
        }
    }

    [Fact]
    public void Another_seed_or_other_options_give_other_weights()
    {
        var digests = new[]
        {
            Digest(1, TopK), Digest(1, TopK with { Seed = 8 }), Digest(1, TopK with { K = 9 }), Digest(1, L1),
            Digest(1, L1 with { Seed = 8 }), Digest(1, L1 with { Coefficient = 0.51 }), Digest(1, L1 with { ResampleEvery = 0 }),
        };
        Assert.Equal(digests.Length, digests.Distinct().Count());
    }

    [Fact]
    public void Another_seed_reads_the_rows_in_another_order()
    {
        var view = Recorded.View(Recorded.Normal(1, 1000, 4), shuffles: true);
        var means = Enumerable.Range(1, 3).Select(seed => (TopK with { Seed = seed, Samples = 100, BatchSize = 100 }).Still()
            .Train(view).Autoencoder.DecoderBias[0]);
        Assert.Equal(3, means.Distinct().Count());
    }

    /// <summary>SHA-256 of all weights of a training with torch on so many threads.</summary>
    internal static string Digest(int threads, SparseAutoencoderOptions options, int dimensions = 64)
    {
        var before = torch.get_num_threads();
        torch.set_num_threads(threads);
        try
        {
            return Of(options.Train(Recorded.View(Recorded.Aside(seed: 1, rows: 3000, dimensions, shift: 20))).Autoencoder);
        }
        finally
        {
            torch.set_num_threads(before);
        }
    }

    static string Of(SparseAutoencoder autoencoder)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var matrix in new[] { autoencoder.Encoder, autoencoder.Decoder })
            hash.AppendData(MemoryMarshal.AsBytes(MemoryMarshal.CreateSpan(ref matrix[0, 0], matrix.Length)));
        hash.AppendData(MemoryMarshal.AsBytes(autoencoder.EncoderBias.AsSpan()));
        hash.AppendData(MemoryMarshal.AsBytes(autoencoder.DecoderBias.AsSpan()));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}

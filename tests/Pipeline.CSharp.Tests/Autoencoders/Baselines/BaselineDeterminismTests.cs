using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Superposition.Autoencoders;
using TorchSharp;
using Xunit;

namespace Superposition.Tests.Autoencoders.Baselines;

// Design, decision 5: same bytes, whatever the thread count.
[Collection(nameof(Alone))]
public sealed class BaselineDeterminismTests
{
    const int Dimensions = 96;

    // More rows than a block, and room enough for torch to share its work out.
    static readonly float[][] Data = Planted.Sparse(seed: 5, rows: 5000, Planted.Orthogonal(5, Dimensions));

    public static TheoryData<DictionaryBaseline> All => new()
    {
        new RandomDictionary { Latents = 300, K = 8, Seed = 1 },
        new PrincipalComponents { Latents = Dimensions, K = 8, Seed = 1 },
        new IndependentComponents { Latents = Dimensions, K = 8, Seed = 1, MaxIterations = 5 },
        new IndependentComponents { Latents = 2, K = 1, Seed = 1, MaxIterations = 5 },
        new KMeans { Latents = 300, K = 8, Seed = 1, MaxIterations = 5 },
        new KMeans { Latents = 1, K = 1, Seed = 1, MaxIterations = 5 },
    };

    [Theory]
    [MemberData(nameof(All))]
    public void Same_options_give_the_same_bytes_with_one_thread_and_two(DictionaryBaseline baseline) =>
        Assert.Equal(Digest(1, baseline), Digest(2, baseline));

    [Theory]
    [MemberData(nameof(All))]
    public void Another_seed_gives_another_dictionary_but_of_principal_components(DictionaryBaseline baseline) =>
        Assert.Equal(baseline is PrincipalComponents, Digest(1, baseline) == Digest(1, baseline with { Seed = 2 }));

    static string Digest(int threads, DictionaryBaseline baseline)
    {
        var before = torch.get_num_threads();
        torch.set_num_threads(threads);
        try
        {
            var served = baseline.Fit(Data);
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            foreach (var matrix in new[] { served.Encoder, served.Decoder })
                hash.AppendData(MemoryMarshal.AsBytes(MemoryMarshal.CreateSpan(ref matrix[0, 0], matrix.Length)));
            hash.AppendData(MemoryMarshal.AsBytes(served.DecoderBias.AsSpan()));
            return Convert.ToHexStringLower(hash.GetHashAndReset());
        }
        finally
        {
            torch.set_num_threads(before);
        }
    }
}

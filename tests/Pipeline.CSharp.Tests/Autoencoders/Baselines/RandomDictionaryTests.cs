using Superposition.Autoencoders;
using Xunit;

namespace Superposition.Tests.Autoencoders.Baselines;

public sealed class RandomDictionaryTests
{
    static readonly RandomDictionary Random = new() { Latents = 2000, K = 2, Seed = 4 };
    static readonly float[][] Rows = Recorded.Normal(seed: 1, rows: 50, dimensions: 6);

    [Fact]
    public void Directions_are_of_norm_1_and_lie_all_around()
    {
        var rows = Random.Fit(Rows).Decoder.Rows();
        Assert.All(rows, row => Assert.Equal(1, row.Norm(), 1e-6));
        // E[v vᵀ] = I/6, E v = 0; an element's standard error is at most 0.01.
        for (var i = 0; i < 6; i++)
        {
            Assert.Equal(0, rows.Average(row => row[i]), 0.05);
            for (var j = 0; j <= i; j++) Assert.Equal(i == j ? 1.0 / 6 : 0, rows.Average(row => (double)row[i] * row[j]), 0.03);
        }
    }

    [Fact]
    public void They_are_what_an_autoencoder_of_that_seed_begins_with()
    {
        var untrained = new TopKOptions { Latents = 2000, K = 2, Seed = 4, Samples = 50, BatchSize = 50 }.Still()
            .Train(Recorded.View(Rows)).Autoencoder;
        foreach (var (expected, found) in untrained.Decoder.Rows().Zip(Random.Fit(Rows).Decoder.Rows()))
            for (var i = 0; i < 6; i++) Assert.Equal(expected[i], found[i], 1e-6f);
    }

    [Fact]
    public void They_follow_from_the_seed_and_not_from_the_rows()
    {
        var first = Random.Fit(Rows).Decoder;
        Assert.Equal(first, Random.Fit(Recorded.Normal(seed: 2, rows: 50, dimensions: 6)).Decoder);
        Assert.NotEqual(first, (Random with { Seed = 5 }).Fit(Rows).Decoder);
    }
}

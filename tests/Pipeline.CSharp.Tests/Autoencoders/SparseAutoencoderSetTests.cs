using Superposition.Autoencoders;
using Superposition.Training;
using Xunit;

namespace Superposition.Tests.Autoencoders;

public sealed class SparseAutoencoderSetTests
{
    static readonly SparseAutoencoderOptions[] All =
    [
        new TopKOptions { Latents = 9, Seed = 3, K = 2, Samples = 320, BatchSize = 16 },
        new L1Options { Latents = 7, Seed = 3, Coefficient = 0.1, Samples = 320, BatchSize = 16, NormalizeActivations = true },
        new MatchingPursuitOptions { Latents = 8, Seed = 3, Iterations = 2, Samples = 320, BatchSize = 16 },
    ];

    [Fact]
    public void Each_is_what_it_would_be_alone()
    {
        var view = Recorded.View(Recorded.Normal(seed: 1, rows: 100, dimensions: 6), shuffles: true);
        var together = SparseAutoencoderSet.Train(view, "Activations", All);
        foreach (var (options, trained) in All.Zip(together))
        {
            var alone = SparseAutoencoderSet.Train(view, "Activations", [options])[0];
            Assert.Equal(alone.Autoencoder.Decoder, trained.Autoencoder.Decoder);
            Assert.Equal(alone.Autoencoder.Encoder, trained.Autoencoder.Encoder);
            Assert.Equal(alone.History.Metrics, trained.History.Metrics);
        }
    }

    [Fact]
    public void One_that_diverges_is_named_and_the_others_are_what_they_would_be_alone()
    {
        var view = Recorded.View(Recorded.Normal(seed: 1, rows: 100, dimensions: 6), shuffles: true);
        SparseAutoencoderOptions[] all = [All[0], All[1] with { Optimizer = new AdamWOptions { LearningRate = 1e30 } }, All[2]];
        var error = Assert.Throws<DivergenceException<IReadOnlyList<TrainedAutoencoder>>>(() => SparseAutoencoderSet.Train(view, "Activations", all));
        Assert.Equal((2L, 1, 0L), (error.Step, error.Instance, error.LastGoodStep));
        foreach (var a in new[] { 0, 2 })
        {
            var alone = SparseAutoencoderSet.Train(view, "Activations", [all[a]])[0];
            Assert.Equal(alone.Autoencoder.Decoder, error.LastGood[a].Autoencoder.Decoder);
            Assert.Equal(alone.History.Metrics, error.LastGood[a].History.Metrics);
        }
        Assert.True(error.LastGood[1].Autoencoder.IsFinite());
        Assert.Equal([1L], error.LastGood[1].History.Steps);
    }

    [Fact]
    public void Who_watches_sees_each_as_it_would_be_if_it_ended_there()
    {
        var view = Recorded.View(Recorded.Normal(seed: 1, rows: 100, dimensions: 6));
        var seen = new List<(long Samples, float[,] Decoder)>();
        SparseAutoencoderSet.Train(view, "Activations", [All[0]], watch: new(100, (samples, so) => seen.Add((samples, so[0].Decoder))));
        Assert.Equal([112L, 208, 304], seen.Select(look => look.Samples));   // the first steps of sixteen rows past each hundred
        foreach (var (samples, decoder) in seen)
            Assert.Equal(SparseAutoencoderSet.Train(view, "Activations", [All[0] with { Samples = samples }])[0].Autoencoder.Decoder, decoder);
    }

    [Fact]
    public void What_cannot_share_a_pass_is_named()
    {
        var view = Recorded.View(Recorded.Normal(seed: 1, rows: 100, dimensions: 6));
        var error = Assert.Throws<OptionsException>(() => SparseAutoencoderSet.Train(
            view, "Activations", [All[0], All[1] with { Samples = 99, BatchSize = 3 }]));
        Assert.Contains("Samples differ", error.Message);
        Assert.Contains("BatchSize differs", error.Message);
        Assert.Contains("at least one", Assert.Throws<OptionsException>(() => SparseAutoencoderSet.Train(view, "Activations", [])).Message);
    }
}

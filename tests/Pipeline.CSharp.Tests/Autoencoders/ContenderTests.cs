using Superposition.Autoencoders;
using Xunit;

namespace Superposition.Tests.Autoencoders;

public sealed class ContenderTests
{
    public static TheoryData<string> Names => [.. Contender.All.Select(contender => contender.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_trains_towards_the_L0_it_is_asked_for(string name)
    {
        var options = Contender.Find(name).Options(latents: 64, l0: 3, samples: 4096, seed: 7, learningRate: 1e-3);
        Assert.Empty(options.Problems());
        Assert.Equal((64, 7L, 4096L, 1.0), (options.Latents, options.Seed, options.Samples, options.GradientClip));
        Assert.Equal(3.0, options switch
        {
            TopKOptions topK => topK.K,
            AbsTopKOptions topK => topK.K,
            BatchTopKOptions batch => batch.K,
            MatryoshkaOptions matryoshka => matryoshka.K,
            MatchingPursuitOptions pursuit => pursuit.Iterations,
            PenalizedOptions penalized => penalized.TargetL0,
            _ => null,
        });
        var trained = options.Train(Recorded.View(Recorded.Normal(seed: 1, rows: 500, dimensions: 12)));
        Assert.True(trained.Autoencoder.IsFinite());
        Assert.True(trained.History.Metrics[^1].SquaredError < trained.History.Metrics[0].SquaredError);
    }

    [Fact]
    public void Names_differ_and_an_unknown_one_is_answered_with_all()
    {
        Assert.Equal(Contender.All.Count, Contender.All.Select(contender => contender.Name).Distinct().Count());
        var error = Assert.Throws<ArgumentException>(() => Contender.Find("transformer"));
        Assert.All(Contender.All, contender => Assert.Contains(contender.Name, error.Message));
    }

    [Fact]
    public void Matryoshka_s_widths_are_those_of_SynthSAEBench_and_as_many_parts_of_a_small_dictionary()
    {
        Assert.Equal([128, 512, 2048, 4096], Widths(4096));
        Assert.Equal([1, 4, 8], Widths(8));

        static IReadOnlyList<int> Widths(int latents) =>
            ((MatryoshkaOptions)Contender.Find("matryoshka").Options(latents, l0: 1, samples: 1, seed: 1)).Widths;
    }
}

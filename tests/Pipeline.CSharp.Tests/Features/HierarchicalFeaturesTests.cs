using Superposition.Features;
using Xunit;

namespace Superposition.Tests.Features;

public sealed class HierarchicalFeaturesTests
{
    static readonly FeatureMagnitudes Always = new() { First = 5, Last = 4, SpreadMean = 0, SpreadDeviation = 0 };   // never 0

    /// <summary>SynthSAEBench-16k; L0 recomputed in closed form from the reference's rules, which publishes about 34 and 25.</summary>
    internal static HierarchicalFeatures Bench(FeatureHierarchy? hierarchy, LowRankCorrelation? correlation = null) =>
        new(16384, 42, new(), hierarchy, correlation, new());

    [Fact]
    public void SynthSAEBench_has_an_effective_L0_of_34_50_and_25_17_in_the_first_4096()
    {
        var active = Bench(new()).Marginals();
        Assert.Equal(34.50, active.Sum(), 0.01);
        Assert.Equal(25.17, active[..4096].Sum(), 0.01);
    }

    [Fact]
    public void Without_exclusion_compensation_gives_every_feature_its_probability()
    {
        var p = new FiringProbabilities().Expand(16384);
        Assert.Equal(59.14, p.Sum(), 0.005);
        Assert.Equal(40.12, p[..4096].Sum(), 0.005);
        var world = new HierarchicalFeatures(16384, 42, new(), new() { MutuallyExclusive = false }, null, Always);
        Assert.All(world.Marginals().Zip(p), pair => Assert.Equal(pair.Second, pair.First, 1e-12));
    }

    [Fact]
    public void SynthSAEBench_has_10880_features_in_trees_and_none_fires_with_more_than_0_916_given_its_parent()
    {
        var world = Bench(new());
        Assert.Equal([0, 128, 640, 2688, 10880], world.LevelStarts);
        Assert.Equal(0.915, world.Probabilities.Skip(128).Max(), 0.001);
    }

    [Fact]
    public void Probabilities_fall_by_Zipfs_law_from_the_highest_to_the_lowest()
    {
        var p = new FiringProbabilities { Exponent = 1, Highest = 0.5, Lowest = 0.1 }.Expand(4);
        Assert.Equal([0.5, 0.1 + 0.4 * (1 / 2.0 - 1 / 4.0) / 0.75, 0.1 + 0.4 * (1 / 3.0 - 1 / 4.0) / 0.75, 0.1], p, (a, b) => Math.Abs(a - b) < 1e-15);
        Assert.Equal([0.5], new FiringProbabilities { Highest = 0.5 }.Expand(1));
    }

    [Fact]
    public void Compensation_divides_by_the_parents_probability_and_makes_room_for_siblings()
    {
        var firing = new FiringProbabilities { Exponent = 0.5, Highest = 0.3, Lowest = 0.01 };
        var p = firing.Expand(12);
        var given = new HierarchicalFeatures(12, 1, firing, new() { Roots = 2, Branching = 2, Depth = 1 }, null, Always).Probabilities;
        Assert.Equal(p[..2], given[..2]);
        Assert.Equal(p[2] / p[0] * (1 + p[3] / p[0]), given[2], 1e-15);
        Assert.Equal(p[5] / p[1] * (1 + p[4] / p[1]), given[5], 1e-15);
        Assert.Equal(p[6..], given[6..]);
        var dense = new HierarchicalFeatures(12, 1, new() { Highest = 0.9, Lowest = 0.8 }, new() { Roots = 2, Branching = 2, Depth = 1 }, null, Always);
        Assert.Equal(1, dense.Probabilities[2]);
    }

    [Fact]
    public void Of_two_siblings_each_is_kept_half_the_times_that_both_fire()
    {
        var firing = new FiringProbabilities { Highest = 0.6, Lowest = 0.2 };
        var world = new HierarchicalFeatures(3, 1, firing, new() { Roots = 1, Branching = 2, Depth = 1, Compensate = false }, null, Always);
        var p = firing.Expand(3);
        Assert.Equal([p[0], p[0] * p[1] * (1 - p[2] / 2), p[0] * p[2] * (1 - p[1] / 2)], world.Marginals(), (a, b) => Math.Abs(a - b) < 1e-15);
    }

    [Fact]
    public void A_feature_whose_value_may_be_0_is_active_more_seldom_than_it_fires()
    {
        var world = new HierarchicalFeatures(1, 1, new() { Highest = 0.5 }, null, null, new() { First = 1, SpreadMean = 1, SpreadDeviation = 0 });
        Assert.Equal(0.5 * 0.8413447460685429, world.Marginals()[0], 1e-12);   // Φ(1)
    }

    [Fact]
    public void Loadings_have_their_scale_and_leave_every_feature_something_of_its_own()
    {
        var moderate = Bench(null, new()).Loadings;
        var square = moderate.Cast<double>().Average(x => x * x);
        Assert.Equal(0.01, square, 5 * 0.01 * Math.Sqrt(2.0 / moderate.Length));
        var strong = Bench(null, new() { Rank = 3, Scale = 50 }).Loadings;
        for (var i = 0; i < 100; i++) Assert.Equal(0.99, strong[i, 0] * strong[i, 0] + strong[i, 1] * strong[i, 1] + strong[i, 2] * strong[i, 2], 1e-12);
    }
}

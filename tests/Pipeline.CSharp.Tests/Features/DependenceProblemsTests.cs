using Superposition.Features;
using Xunit;

namespace Superposition.Tests.Features;

public sealed class DependenceProblemsTests
{
    public static TheoryData<Dependence, double[], string> Impossible => new()
    {
        { new CorrelatedSets(2, 0), [0.1, 0.1], "Set 1 of CorrelatedSets has 0 features; it must have at least 1." },
        { new CorrelatedSets(2, 2), [0.1, 0.1, 0.1], "CorrelatedSets hold 4 features; the world has 3." },
        { new AnticorrelatedSets(int.MaxValue, int.MaxValue), [0.1], "AnticorrelatedSets hold 4294967294 features; the world has 1." },
        {
            new CorrelatedSets(1, 2), [0.3, 0.1, 0.2],
            "Features 1 and 2 are in one correlated set and have densities 0.1 and 0.2; they are active together, so the densities must be equal."
        },
        {
            new AnticorrelatedSets(2, 2), [0.5, 0.5, 0.5, 0.75],
            "The densities of features 2 to 3 sum to 1.25; at most one of this anticorrelated set is active, so the sum must be at most 1."
        },
        { new NestedFeatures(-1, 0), [0.1], "NestedFeatures lists 2 parents; there are 1 features." },
        { new NestedFeatures(-1, 2), [0.1, 0.1], "The parent of feature 1 is 2; it must be a feature, 0 to 1, or -1 for none." },
        { new NestedFeatures(-1, -2), [0.1, 0.1], "The parent of feature 1 is -2; it must be a feature, 0 to 1, or -1 for none." },
        {
            new NestedFeatures(1, -1), [0.2, 0.1],
            "Feature 0 has density 0.2 and its parent 1 has 0.1; it is active only while its parent is, so it must not be denser."
        },
        {
            new NestedFeatures(1, 3, -1, 4, 1), [0.1, 0.1, 0.1, 0.1, 0.1],
            "Features are their own ancestors: 1 → 3 → 4 → 1; some feature of each line must have parent -1."
        },
        { new NestedFeatures(0), [0.1], "Features are their own ancestors: 0 → 0; some feature of each line must have parent -1." },
        {
            new GaussianCopula([[1, 0], [0, 1]]), [0.1, 0.1, 0.1],
            "Correlation has 2 rows of 2 entries; it must be [3][3], a row and an entry for each feature."
        },
        {
            new GaussianCopula([[1, 0], [0]]), [0.1, 0.1],
            "Correlation has 2 rows of 2, 1 entries; it must be [2][2], a row and an entry for each feature."
        },
        {
            new GaussianCopula([[1, 0], null!]), [0.1, 0.1],
            "Correlation has 2 rows of 2, 0 entries; it must be [2][2], a row and an entry for each feature."
        },
        { new GaussianCopula([[1, 0], [0.5, 1]]), [0.1, 0.1], "Correlation is 0.5 at [1][0] and 0 at [0][1]; it must be symmetric." },
        { new GaussianCopula([[1, 0], [0, 2]]), [0.1, 0.1], "Correlation of feature 1 with itself is 2; it must be 1." },
        {
            new GaussianCopula([[1, double.NaN], [0, 1]]), [0.1, 0.1],
            "Correlation of features 1 and 0 is 0 and NaN; it must be finite."
        },
        {
            new GaussianCopula([[1, 1.5], [1.5, 1]]), [0.1, 0.1],
            "Correlation is not positive semi-definite: features 0 and 1 have the eigenvalue -0.5; no normal variates are so correlated."
        },
        {
            new GaussianCopula([[1, 0.5, -0.5], [0.5, 1, 1], [-0.5, 1, 1]]), [0.1, 0.1, 0.1],
            "Correlation is not positive semi-definite: after the elimination of 0, features 1 and 2 have the eigenvalue -0.5; "
                + "no normal variates are so correlated."
        },
    };

    [Theory]
    [MemberData(nameof(Impossible))]
    public void An_impossible_world_is_refused_in_a_sentence_before_anything_is_drawn(Dependence dependence, double[] p, string sentence)
    {
        var world = new SparseFeatureOptions { Features = p.Length, Density = PerFeature.Of(p), Dependence = dependence, Seed = 1 };
        Assert.Equal([sentence], Assert.Throws<OptionsException>(() => new SparseFeatureView(world)).Problems);
        Assert.Equal([sentence], Assert.Throws<OptionsException>(() => world.Statistics()).Problems);
    }

    [Fact]
    public void Every_cycle_is_named()
    {
        string[] problems = [.. new NestedFeatures(1, 0, 3, 2, 2).Problems([0.1, 0.1, 0.1, 0.1, 0.1])];
        Assert.Equal(2, problems.Length);
        Assert.Contains("0 → 1 → 0", problems[0], StringComparison.Ordinal);
        Assert.Contains("2 → 3 → 2", problems[1], StringComparison.Ordinal);
    }

    public static TheoryData<Dependence, double[]> AtTheEdge => new()
    {
        { new CorrelatedSets(), [0.1] },
        { new CorrelatedSets(3), [1, 1, 1] },
        { new AnticorrelatedSets(10), [.. Enumerable.Repeat(0.1, 10)] },
        { new AnticorrelatedSets(3), [1.0 / 3, 1.0 / 3, 1.0 / 3] },
        { new NestedFeatures(2, -1, 1), [0.5, 0.5, 0.5] },
        { new NestedFeatures(-1, 0), [0, 0] },
        { new GaussianCopula([[1, 1], [1, 1]]), [0, 1] },
        { new GaussianCopula([[1, -0.333333, -0.333333, -0.333333], [-0.333333, 1, -0.333333, -0.333333],
            [-0.333333, -0.333333, 1, -0.333333], [-0.333333, -0.333333, -0.333333, 1]]), [0.1, 0.1, 0.1, 0.1] },
        { new GaussianCopula([[1, -0.333334, -0.333334, -0.333334], [-0.333334, 1, -0.333334, -0.333334],
            [-0.333334, -0.333334, 1, -0.333334], [-0.333334, -0.333334, -0.333334, 1]]), [0.1, 0.1, 0.1, 0.1] },
    };

    [Theory]
    [MemberData(nameof(AtTheEdge))]
    public void What_is_just_possible_is_accepted(Dependence dependence, double[] p) => Assert.Empty(dependence.Problems(p));
}

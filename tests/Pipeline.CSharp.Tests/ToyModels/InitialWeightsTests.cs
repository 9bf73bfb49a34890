using Superposition.ToyModels;
using Xunit;

namespace Superposition.Tests.ToyModels;

public sealed class InitialWeightsTests
{
    // Xavier-normal: mean 0, variance 2/(n + d) (Glorot and Bengio 2010, eq. 12 with a normal).
    [Theory]
    [InlineData(200, 100)]
    [InlineData(1000, 5)]
    public void Initial_weights_are_Xavier_normal_and_biases_0(int n, int d)
    {
        foreach (var model in Initial(2, n, d, seed: 3))
        {
            var (weights, variance) = (model.W.Cast<float>().ToArray(), 2.0 / (n + d));
            Assert.Equal(0, weights.Average(v => (double)v), 4 * Math.Sqrt(variance / weights.Length));
            Assert.Equal(variance, weights.Average(v => (double)v * v), 4 * variance * Math.Sqrt(2.0 / weights.Length));
            Assert.All(model.B, b => Assert.Equal(0, b));
            Assert.True(double.IsNaN(model.Loss));
        }
    }

    [Fact]
    public void Initial_weights_of_an_instance_follow_from_the_seed_and_its_number_alone()
    {
        var (five, two) = (Initial(5, 7, 3, seed: 1), Initial(2, 7, 3, seed: 1));
        for (var k = 0; k < 2; k++) Assert.Equal(two[k].W.Cast<float>(), five[k].W.Cast<float>());
        var all = five.Concat(Initial(5, 7, 3, seed: 2)).Select(m => string.Join(' ', m.W.Cast<float>()));
        Assert.Equal(10, all.Distinct().Count());
    }

    [Fact]
    public void Norms_are_the_lengths_of_the_rows_of_W() =>
        Assert.Equal([5, 0, 2], new ToyModel(new float[,] { { 3, -4 }, { 0, 0 }, { 0, 2 } }, [0, 0, 0], 0).Norms());

    static ToyModel[] Initial(int instances, int n, int d, long seed) =>
        [.. Enumerable.Range(0, instances).Select(k => InitialWeights.Of(new() { Dimensions = d, Seed = seed }, n, k))];
}

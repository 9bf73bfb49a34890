using Microsoft.ML;
using Superposition.ToyModels;
using Superposition.Training;
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
    public void Initial_models_are_what_instances_start_from_counted_round()
    {
        var given = Initial(3, 7, 3, seed: 9);
        var options = new ToyModelOptions { Dimensions = 3, Seed = 1, Initial = given };
        Assert.Equal([0, 1, 2, 0, 1], Enumerable.Range(0, 5).Select(k => Array.IndexOf(given, InitialWeights.Of(options, 7, k))));
    }

    // Without momentum the weights are all that a step leaves behind, and after 10 batches the rows come round again.
    [Theory]
    [InlineData(ToyModelEngine.Automatic)]
    [InlineData(ToyModelEngine.Autograd)]
    public void Ten_steps_and_ten_more_from_there_are_twenty(ToyModelEngine engine)
    {
        var world = new MLContext().Data.SparseFeatures(new() { Features = 7, Density = 0.3, Rows = 320, Seed = 1 });
        ToyModel Train(int steps, params ToyModel[] initial) => new MLContext().Transforms.ToyModel("Activations", "Features", new()
        {
            Dimensions = 3,
            Seed = 2,
            Steps = steps,
            BatchSize = 32,
            Optimizer = new SgdOptions { LearningRate = 0.1 },
            Architecture = ToyArchitecture.Computing,
            Engine = engine,
            Initial = initial,
        }).Fit(world).Model;
        var (twenty, again) = (Train(20), Train(10, Train(10)));
        Assert.Equal(twenty.W.Cast<float>(), again.W.Cast<float>());
        Assert.Equal(twenty.Decoder.Cast<float>(), again.Decoder.Cast<float>());
        Assert.Equal(twenty.B, again.B);
        Assert.NotEqual(Train(10).B, again.B);
    }

    [Fact]
    public void Initial_models_of_another_size_or_architecture_are_refused()
    {
        var options = new ToyModelOptions { Dimensions = 3, Seed = 1, Initial = Initial(1, 7, 2, seed: 9) };
        Assert.Equal(
            ["Initial 0 has 7 features, 2 dimensions and 7 outputs; it must have 7, 3 and 7."], options.Problems(7));
        options = options with { Dimensions = 2, Architecture = ToyArchitecture.Linear };
        Assert.StartsWith("Initial 0 has the architecture", Assert.Single(options.Problems(7)), StringComparison.Ordinal);
        Assert.Empty((options with { Architecture = ToyArchitecture.ReluOutput }).Problems(7));
    }

    [Fact]
    public void Norms_are_the_lengths_of_the_rows_of_W() =>
        Assert.Equal([5, 0, 2], new ToyModel(new float[,] { { 3, -4 }, { 0, 0 }, { 0, 2 } }, [0, 0, 0], 0).Norms());

    static ToyModel[] Initial(int instances, int n, int d, long seed) =>
        [.. Enumerable.Range(0, instances).Select(k => InitialWeights.Of(new() { Dimensions = d, Seed = seed }, n, k))];
}

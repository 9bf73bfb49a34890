using Superposition.ToyModels;
using Xunit;

namespace Superposition.Tests.ToyModels;

public sealed class ToyModelHistoryTests
{
    static readonly ToyModelRecipe Recipe = new()
    {
        World = new() { Features = 6, Density = 0.4, Rows = 1000, Seed = 3 },
        Model = new() { Dimensions = 2, Instances = 2, Steps = 17, BatchSize = 16, HistoryEvery = 6, SnapshotEvery = 5, Seed = 4 },
    };

    public static TheoryData<ToyModelEngine> Engines => [.. Enum.GetValues<ToyModelEngine>()];

    [Theory]
    [MemberData(nameof(Engines))]
    public void Snapshots_are_the_weights_that_a_shorter_training_ends_with(ToyModelEngine engine)
    {
        var history = Train(Recipe.Model with { Engine = engine }).History;
        Assert.Equal([1, 5, 10, 15, 17], history.SnapshotSteps);
        for (var s = 0; s < history.SnapshotSteps.Length; s++)
        {
            var steps = (int)history.SnapshotSteps[s] - 1;   // before the step's update
            var shorter = steps == 0 ? null : Train(Recipe.Model with { Engine = engine, Steps = steps });
            for (var j = 0; j < 2; j++)
            {
                var expected = shorter?.Instances[j].W ?? InitialWeights.Of(Recipe.Model, 6, j).W;
                Assert.Equal(expected.Cast<float>(), history.Snapshots[s, j].Cast<float>());
            }
        }
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public void Points_and_snapshots_keep_to_their_own_steps_and_change_nothing(ToyModelEngine engine)
    {
        var (with, without) = (Train(Recipe.Model with { Engine = engine }), Train(Recipe.Model with { Engine = engine, SnapshotEvery = 0 }));
        Assert.Equal([1, 6, 12, 17], with.History.Steps);
        Assert.Equal(with.History.Steps, without.History.Steps);
        Assert.Equal(without.History.Loss.Cast<float>(), with.History.Loss.Cast<float>());
        Assert.Equal(without.History.Norms.Cast<float>(), with.History.Norms.Cast<float>());
        Assert.Equal(without.Instances.SelectMany(m => m.W.Cast<float>()), with.Instances.SelectMany(m => m.W.Cast<float>()));
        Assert.Empty(without.History.SnapshotSteps);
        Assert.Empty(without.History.Snapshots);
    }

    [Fact]
    public void Norms_of_a_point_are_those_of_its_snapshot()
    {
        var history = Train(Recipe.Model with { HistoryEvery = 5 }).History;
        Assert.Equal(history.SnapshotSteps, history.Steps);
        for (var t = 0; t < history.Steps.Length; t++)
            for (var j = 0; j < 2; j++)
                for (var i = 0; i < 6; i++)
                    Assert.Equal((float)new ToyModel(history.Snapshots[t, j], [], 0).Norms()[i], history.Norms[t, j, i]);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(17, 1)]
    [InlineData(17, 5)]
    [InlineData(15, 5)]
    [InlineData(17, 100)]
    [InlineData(1, 100)]
    public void What_a_history_will_weigh_is_known_before(int steps, int every)
    {
        var options = Recipe.Model with { Steps = steps, HistoryEvery = every, SnapshotEvery = every };
        var history = Train(options).History;
        Assert.Equal(4L * (history.Norms.Length + history.Snapshots.Length * 6 * 2), HistoryRecorder.Bytes(options, 6));
        Assert.Equal(4L * history.Norms.Length, HistoryRecorder.Bytes(options with { SnapshotEvery = 0 }, 6));
    }

    static ToyModelCell Train(ToyModelOptions options) => ToyModelGrid.Train([Recipe with { Model = options }])[0];
}

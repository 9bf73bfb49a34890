using System.Text.Json;
using Superposition.Features;
using Superposition.Storage;
using Superposition.Tests.Storage;
using Superposition.ToyModels;
using Superposition.Training;
using Xunit;

namespace Superposition.Tests.ToyModels;

public sealed class ToyModelRunTests
{
    static readonly ToyModelRecipe Recipe = new()
    {
        World = new() { Features = 6, Density = PerFeature.Powers(0.5), Rows = 1000, Values = new UniformValues(-1, 1), Seed = 3 },
        Model = new()
        {
            Dimensions = 2,
            Instances = 3,
            Steps = 40,
            BatchSize = 32,
            HistoryEvery = 15,
            Seed = 4,
            Importance = PerFeature.Of(1, 1, 1, 0.5, 0, 2),
        },
    };

    [Fact]
    public void What_was_trained_into_a_folder_is_read_back_to_the_bit()
    {
        using var folder = new TemporaryFolder();
        var trained = ToyModelRun.Train(Recipe, folder["run"]);
        var read = ToyModelRun.Read(folder["run"]);
        Assert.Equal(Recipe, read.Recipe);
        AssertSame(trained.Instances, read.Instances);
        Assert.Equal(trained.Instances.Select(m => m.Loss), read.Instances.Select(m => m.Loss));
        Assert.Equal(trained.History.Steps, read.History.Steps);
        Assert.Equal(trained.History.Loss.Cast<float>(), read.History.Loss.Cast<float>());
        Assert.Equal(trained.History.Norms.Cast<float>(), read.History.Norms.Cast<float>());
        Assert.Equal(trained.Best.Loss, read.Instances.Min(m => m.Loss));
    }

    [Fact]
    public void A_recipe_trains_the_same_weights_into_any_folder()
    {
        using var folder = new TemporaryFolder();
        AssertSame(ToyModelRun.Train(Recipe, folder["a"]).Instances, ToyModelRun.Train(Recipe, folder["b"]).Instances);
        Autoencoders.SparseAutoencoderRunTests.AssertSameFiles(folder["a"], folder["b"]);
    }

    [Fact]
    public void A_training_that_diverges_leaves_its_last_good_state_marked_so()
    {
        using var folder = new TemporaryFolder();
        var wild = Recipe with { Model = Recipe.Model with { Optimizer = new AdamWOptions { LearningRate = 1e30 } } };
        var error = Assert.Throws<DivergenceException<IReadOnlyList<ToyModel>>>(() => ToyModelRun.Train(wild, folder["run"]));
        Assert.Equal(RunStatus.Diverged, RunFolder.Open(folder["run"], RunKind.Toy).Status);
        AssertSame(error.LastGood, ToyModelRun.Read(folder["run"]).Instances);
    }

    [Fact]
    public void A_recipe_that_cannot_be_used_and_a_training_that_was_cancelled_leave_nothing_behind()
    {
        using var folder = new TemporaryFolder();
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.Throws<OptionsException>(() =>
            ToyModelRun.Train(Recipe with { Model = Recipe.Model with { Dimensions = 0 } }, folder["a"]));
        Assert.Throws<OperationCanceledException>(() =>
            ToyModelRun.Train(Recipe with { Model = Recipe.Model with { Cancellation = cancelled.Token } }, folder["b"]));
        Assert.Empty(folder.Names());
    }

    [Fact]
    public void A_recipe_is_read_back_from_JSON_equal()
    {
        var json = JsonSerializer.Serialize(Recipe, OptionsJson.Settings);
        Assert.Equal(Recipe, JsonSerializer.Deserialize<ToyModelRecipe>(json, OptionsJson.Settings));
    }

    static void AssertSame(IReadOnlyList<ToyModel> expected, IReadOnlyList<ToyModel> found)
    {
        Assert.Equal(expected.Count, found.Count);
        foreach (var (e, f) in expected.Zip(found))
        {
            Assert.Equal(e.W.Cast<float>(), f.W.Cast<float>());
            Assert.Equal(e.B, f.B);
        }
    }
}

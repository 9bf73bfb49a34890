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
    public void A_deep_biased_untied_model_and_its_snapshots_are_read_back_to_the_bit()
    {
        using var folder = new TemporaryFolder();
        var recipe = Recipe with
        {
            Model = Recipe.Model with
            {
                Architecture = AnyToyModel.Architecture["deep and biased"],
                Target = new() { Function = TargetFunction.AbsoluteDifference, AllPairs = true },
                Importance = 1,
                SnapshotEvery = 10,
                Dropout = 0.1,
                Optimizer = new SgdOptions { LearningRate = 0.1, Momentum = 0.5, Schedule = new() { Decay = LearningRateDecay.Linear } },
            },
        };
        var trained = ToyModelRun.Train(recipe, folder["run"]);
        var read = ToyModelRun.Read(folder["run"]);
        Assert.Equal(recipe, read.Recipe);
        AssertSame(trained.Instances, read.Instances);
        foreach (var (t, r) in trained.Instances.Zip(read.Instances))
        {
            Assert.Equal((6, 2, 15), (r.Features, r.Dimensions, r.Outputs));
            Assert.Equal(t.Architecture, r.Architecture);
            Assert.Equal(t.Decoder.Cast<float>(), r.Decoder.Cast<float>());
            Assert.Equal(2, r.Inner.Count);
            Assert.Equal(t.Inner.SelectMany(m => m.Cast<float>()), r.Inner.SelectMany(m => m.Cast<float>()));
            Assert.Equal(3, r.HiddenBiases.Count);
            Assert.Equal(t.HiddenBiases.SelectMany(c => c), r.HiddenBiases.SelectMany(c => c));
            Assert.Contains(r.HiddenBiases.SelectMany(c => c), c => c != 0);
        }
        Assert.Equal([1, 10, 20, 30, 40], read.History.SnapshotSteps);
        Assert.Equal(trained.History.Snapshots.Length, read.History.Snapshots.Length);
        foreach (var (t, r) in trained.History.Snapshots.Cast<float[,]>().Zip(read.History.Snapshots.Cast<float[,]>()))
            Assert.Equal(t.Cast<float>(), r.Cast<float>());
    }

    [Fact]
    public void Snapshots_that_no_disk_holds_are_refused_before_anything_is_trained()
    {
        using var folder = new TemporaryFolder();
        var wide = Recipe with
        {
            World = Recipe.World with { Features = 1_000_000 },
            Model = Recipe.Model with { Dimensions = 1000, Steps = 1_000_000_000, HistoryEvery = 1_000_000_000, SnapshotEvery = 1000, Importance = 1 },
        };
        var error = Assert.Throws<FileWriteException>(() => ToyModelRun.Train(wide, folder["run"]));
        Assert.Equal(FileWriteReason.DiskFull, error.Reason);
        // 1,000,001 snapshots and 2 points of 3 instances.
        Assert.Contains("expected 12,000,012,024,000,000 bytes of room, found ", error.Message, StringComparison.Ordinal);
        Assert.Contains("Take fewer snapshots", error.Message, StringComparison.Ordinal);
        Assert.Empty(folder.Names());
    }

    // The recipe of a run that says only what a recipe must: what the rest defaults to stands in run.json, by these names.
    [Fact]
    public void The_JSON_of_the_default_recipe_has_its_keys_and_no_others()
    {
        var recipe = new ToyModelRecipe { World = new() { Features = 5, Density = 0.1, Seed = 1 }, Model = new() { Dimensions = 2, Seed = 1 } };
        var json = JsonSerializer.SerializeToElement(recipe, OptionsJson.Settings);
        Assert.Equal(
            [
                "dimensions", "architecture", "target", "objective", "hiddenPenalty", "dropout", "instances", "firstInstance", "seed", "importance",
                "steps", "batchSize", "optimizer", "historyEvery", "snapshotEvery", "serve", "engine",
            ],
            json.GetProperty("model").EnumerateObject().Select(member => member.Name));
        Assert.Equal(
            """{"tied":true,"hidden":"identity","output":"relu","hiddenBias":false,"hiddenLayers":1}""", Compact(json.GetProperty("model").GetProperty("architecture")));
        Assert.Equal("""{"function":"identity","allPairs":false}""", Compact(json.GetProperty("model").GetProperty("target")));
        Assert.Equal("adamW", json.GetProperty("model").GetProperty("optimizer").GetProperty("kind").GetString());
        var least = """{ "world": { "features": 5, "density": 0.1, "seed": 1 }, "model": { "dimensions": 2, "seed": 1 } }""";
        Assert.Equal(recipe, JsonSerializer.Deserialize<ToyModelRecipe>(least, OptionsJson.Settings));
        static string Compact(JsonElement element) => JsonSerializer.Serialize(element);
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

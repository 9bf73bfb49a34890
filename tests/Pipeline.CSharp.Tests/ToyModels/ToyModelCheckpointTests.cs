using Superposition.Features;
using Superposition.Storage;
using Superposition.Tests.Storage;
using Superposition.ToyModels;
using Superposition.Training;
using Xunit;

namespace Superposition.Tests.ToyModels;

public sealed class ToyModelCheckpointTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    public static TheoryData<string> Kinds => [.. All.Keys];

    // Either engine, either optimiser, snapshots, several instances and more than a core has, dropout and a second layer.
    static readonly Dictionary<string, ToyModelOptions> All = new()
    {
        ["fused"] = new() { Dimensions = 3, Instances = 5, Steps = 4000, BatchSize = 64, Seed = 1, HistoryEvery = 100 },
        ["fused, decay and snapshots"] = new()
        {
            Dimensions = 3, Instances = 2, Steps = 6000, BatchSize = 64, Seed = 1, SnapshotEvery = 500,
            Optimizer = new AdamWOptions { WeightDecay = 0.01, Schedule = new() { WarmUp = 10 } },
        },
        ["fused, features in lanes"] = new() { Dimensions = 40, Instances = 2, Steps = 1500, BatchSize = 64, Seed = 1, HistoryEvery = 100 },
        ["autograd"] = new() { Dimensions = 3, Instances = 2, Steps = 400, BatchSize = 64, Seed = 1, HistoryEvery = 50, Engine = ToyModelEngine.Autograd },
        ["autograd, momentum, layers and dropout"] = new()
        {
            Dimensions = 3, Steps = 400, BatchSize = 64, Seed = 1, Dropout = 0.1, SnapshotEvery = 100, HistoryEvery = 7,
            Architecture = new() { Tied = false, HiddenLayers = 2, HiddenBias = true, Hidden = Activation.Relu },
            Optimizer = new SgdOptions { LearningRate = 0.01, Momentum = 0.9 },
        },
    };

    static ToyModelRecipe Recipe(string kind) =>
        new() { World = new() { Features = kind.Contains("lanes", StringComparison.Ordinal) ? 100 : 8, Density = 0.05, Seed = 2 }, Model = All[kind] };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_training_that_is_stopped_again_and_again_goes_on_bit_by_bit(string kind)
    {
        var recipe = Recipe(kind);
        ToyModelRun.Train(recipe, folder["whole"]);
        var (random, stops) = (new Random(3), 0);
        for (; ; stops++)
        {
            using var source = new CancellationTokenSource();
            try
            {
                // Cancelled from within a step: at the first one, and then later and later.
                ToyModelRun.Train(
                    recipe with { Model = recipe.Model with { Cancellation = source.Token, Progress = new After(stops, source) } }, folder["stopped"],
                    resume: stops > 0, checkpoints: new() { Every = TimeSpan.Zero });
                break;
            }
            catch (OperationCanceledException)
            {
                Assert.False(Directory.Exists(folder["stopped"]));
            }
        }
        Assert.Equal(folder.Digests("whole"), folder.Digests("stopped"));
        Assert.Equal(["stopped", "whole"], folder.Names().Order());
        Assert.True(stops > 0, "It was never stopped.");
    }

    [Theory]
    [InlineData(ToyModelEngine.Automatic, 1)]
    [InlineData(ToyModelEngine.Autograd, 200)]
    public void One_that_diverged_stays_so_and_the_others_go_on_bit_by_bit(ToyModelEngine engine, int stopFrom)
    {
        // At the edge: of eight instances some settle and others run away.
        var recipe = new ToyModelRecipe
        {
            World = new() { Features = 6, Density = 0.4, Rows = 1000, Seed = 3 },
            Model = new()
            {
                Dimensions = 2, Instances = 8, Steps = 3000, BatchSize = 16, HistoryEvery = 10, Seed = 4, Engine = engine,
                Optimizer = new SgdOptions { LearningRate = 1.5 },
            },
        };
        var whole = Assert.Throws<DivergenceException<IReadOnlyList<ToyModel>>>(() => ToyModelRun.Train(recipe, folder["whole"]));
        using var source = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => ToyModelRun.Train(
            recipe with { Model = recipe.Model with { Cancellation = source.Token, Progress = new After(0, source, stopFrom) } }, folder["stopped"]));
        var resumed = Assert.Throws<DivergenceException<IReadOnlyList<ToyModel>>>(() => ToyModelRun.Train(recipe, folder["stopped"], resume: true));
        Assert.Equal(whole.Message, resumed.Message);
        Assert.Equal(folder.Digests("whole"), folder.Digests("stopped"));
    }

    [Fact]
    public void A_run_that_is_not_resumed_begins_anew_and_forgets_the_checkpoint()
    {
        var recipe = Recipe("fused");
        using var source = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => ToyModelRun.Train(
            recipe with { Model = recipe.Model with { Cancellation = source.Token, Progress = new After(0, source) } }, folder["a"]));
        Assert.Equal(".a.checkpoint", Assert.Single(folder.Names()));

        var other = recipe with { Model = recipe.Model with { Seed = 9 } };
        ToyModelRun.Train(other, folder["a"]);
        Assert.Equal("a", Assert.Single(folder.Names()));
    }

    [Fact]
    public void A_run_that_is_done_is_kept_when_it_is_resumed_and_one_of_another_recipe_is_not_touched()
    {
        var recipe = Recipe("autograd");
        ToyModelRun.Train(recipe, folder["a"]);
        var before = folder.Digests("a");
        Assert.Equal(recipe, ToyModelRun.Train(recipe, folder["a"], resume: true).Recipe);
        var other = recipe with { Model = recipe.Model with { Seed = 9 } };
        Assert.Equal(RunFolderReason.TargetExists, Assert.Throws<RunFolderException>(() => ToyModelRun.Train(other, folder["a"], resume: true)).Reason);
        Assert.Equal(before, folder.Digests("a"));
    }

    sealed class After(int reports, CancellationTokenSource source, int fromStep = 1) : IProgress<TrainingProgress>
    {
        int told;

        public void Report(TrainingProgress value)
        {
            if (value.Step >= fromStep && told++ >= reports && value.Step < value.Steps) source.Cancel();
        }
    }
}

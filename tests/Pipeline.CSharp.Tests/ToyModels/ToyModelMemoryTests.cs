using Microsoft.ML;
using Superposition.DataViews;
using Superposition.Features;
using Superposition.ToyModels;
using Superposition.Training;
using Xunit;

namespace Superposition.Tests.ToyModels;

[Collection(nameof(Alone))]
public sealed class ToyModelMemoryTests
{
    static readonly MLContext Ml = new(seed: 1);
    static readonly SparseFeatureView World = new(new() { Features = 8, Density = 0.3, Rows = 3000, Seed = 1 });
    static readonly ToyModelOptions Options = new()
    {
        Dimensions = 3,
        Instances = 2,
        Steps = 30,
        BatchSize = 32,
        HistoryEvery = 7,
        Seed = 1,
    };

    [Fact]
    public void As_many_tensors_live_after_a_training_as_before()
    {
        foreach (var engine in Enum.GetValues<ToyModelEngine>())
        {
            var before = Memory.LiveTensors();
            var model = Ml.Transforms.ToyModel("Activations", "Features", Options with { Engine = engine }).Fit(World);
            Assert.Equal(before, Memory.LiveTensors());
            GC.KeepAlive(model);
        }
    }

    public static TheoryData<string> Architectures => [.. AnyToyModel.Architecture.Keys];

    [Theory]
    [MemberData(nameof(Architectures))]
    public void As_many_tensors_live_after_a_training_of_every_kind_as_before(string name)
    {
        var architecture = AnyToyModel.Architecture[name];
        ToyModelOptions[] kinds =
        [
            Options with { Architecture = architecture, Engine = ToyModelEngine.Autograd, HiddenPenalty = 0.1, Dropout = 0.2, SnapshotEvery = 5 },
            Options with { Architecture = architecture with { Output = Activation.Identity }, Objective = Objective.CrossEntropy },
            Options with { Architecture = architecture with { Tied = false }, Target = new() { Function = TargetFunction.Max, AllPairs = true } },
        ];
        var before = Memory.LiveTensors();
        var cells = ToyModelGrid.Train([.. kinds.Select(model => new ToyModelRecipe { World = World.World, Model = model })]);
        Assert.Equal(before, Memory.LiveTensors());
        Assert.All(cells, cell => Assert.Equal(2, cell.Instances.Count));
    }

    [Fact]
    public void As_many_tensors_live_after_a_grid_that_diverged_or_was_cancelled_as_before()
    {
        var before = Memory.LiveTensors();
        var recipe = new ToyModelRecipe { World = World.World, Model = Options with { Engine = ToyModelEngine.Autograd } };
        var wild = recipe with { Model = recipe.Model with { Optimizer = new AdamWOptions { LearningRate = 1e30 } } };
        Assert.Equal([0, 1], ToyModelGrid.Train([wild])[0].Diverged);
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.Throws<OperationCanceledException>(() => ToyModelGrid.Train([recipe], new() { Cancellation = cancelled.Token }));
        Assert.Equal(before, Memory.LiveTensors());
    }

    [Theory]
    [InlineData(ToyModelEngine.Automatic)]
    [InlineData(ToyModelEngine.Autograd)]
    public void Ten_thousand_steps_hold_no_more_at_their_end_than_at_their_beginning(ToyModelEngine engine)
    {
        var watch = new Memory.Watch();
        Fit(World, Options with { Engine = engine, Steps = 10_000, HistoryEvery = 10_000, BatchSize = engine == ToyModelEngine.Autograd ? 64 : 4096, Progress = watch });
        watch.AssertFlat();
    }

    [Fact]
    public void A_stage_holds_its_two_weights_and_nothing_of_what_it_computed()
    {
        var model = new ToyModel(new float[8, 3], new float[8], 0).ToTransformer("Activations", "Features");
        var before = Memory.LiveTensors();
        for (var time = 0; time < 3; time++)
        {
            _ = model.Transform(World).Vectors("Reconstruction");
            Assert.Equal(before + 2, Memory.LiveTensors());
        }
        GC.KeepAlive(model);
    }

    [Fact]
    public void As_many_tensors_live_after_a_training_that_failed_as_before()
    {
        var before = Memory.LiveTensors();
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        foreach (var engine in Enum.GetValues<ToyModelEngine>())
        {
            var options = Options with { Engine = engine };
            Assert.Throws<OperationCanceledException>(() => Fit(World, options with { Cancellation = cancelled.Token }));
            Assert.ThrowsAny<DivergenceException>(() => Fit(World, options with { Optimizer = new AdamWOptions { LearningRate = 1e30 } }));
            Assert.Throws<InputDataException>(() => Fit(new(World.World with { Rows = 0 }), options));
        }
        Assert.Equal(before, Memory.LiveTensors());
    }

    static void Fit(SparseFeatureView world, ToyModelOptions options) =>
        Ml.Transforms.ToyModel("Activations", "Features", options).Fit(world);
}

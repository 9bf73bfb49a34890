using Microsoft.ML;
using Superposition.DataViews;
using Superposition.Features;
using Superposition.ToyModels;
using Superposition.Training;
using TorchSharp;
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
            var before = LiveTensors();
            var model = Ml.Transforms.ToyModel("Activations", "Features", Options with { Engine = engine }).Fit(World);
            Assert.Equal(before, LiveTensors());
            GC.KeepAlive(model);
        }
    }

    [Fact]
    public void A_stage_holds_its_two_weights_and_nothing_of_what_it_computed()
    {
        var model = new ToyModel(new float[8, 3], new float[8], 0).ToTransformer("Activations", "Features");
        var before = LiveTensors();
        for (var time = 0; time < 3; time++)
        {
            _ = model.Transform(World).Vectors("Reconstruction");
            Assert.Equal(before + 2, LiveTensors());
        }
        GC.KeepAlive(model);
    }

    [Fact]
    public void As_many_tensors_live_after_a_training_that_failed_as_before()
    {
        var before = LiveTensors();
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        foreach (var engine in Enum.GetValues<ToyModelEngine>())
        {
            var options = Options with { Engine = engine };
            Assert.Throws<OperationCanceledException>(() => Fit(World, options with { Cancellation = cancelled.Token }));
            Assert.ThrowsAny<DivergenceException>(() => Fit(World, options with { Optimizer = new AdamWOptions { LearningRate = 1e30 } }));
            Assert.Throws<InputDataException>(() => Fit(new(World.World with { Rows = 0 }), options));
        }
        Assert.Equal(before, LiveTensors());
    }

    // What other tests left to the collector must not be counted here.
    static long LiveTensors()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return torch.Tensor.TotalCount;
    }

    static void Fit(SparseFeatureView world, ToyModelOptions options) =>
        Ml.Transforms.ToyModel("Activations", "Features", options).Fit(world);
}

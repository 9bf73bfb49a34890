using Microsoft.ML;
using Superposition.Autoencoders;
using Superposition.Tests.Autoencoders;
using Superposition.ToyModels;
using Xunit;

namespace Superposition.Tests.Native;

/// <summary>
/// Native code must hold what it reads. Trainings of many small steps, while another thread collects and finalises without a
/// pause, come to the same bytes as undisturbed ones. (<see cref="TemporaryScalarTests"/> finds the known way to fail without luck.)
/// </summary>
[Collection(nameof(Alone))]
public sealed class GarbageCollectionTests
{
    const int Steps = 600;

    [Fact]
    public void TopK_with_dead_latents_is_not_disturbed() => Undisturbed(() => Weights(
        new TopKOptions { Latents = 12, K = 2, Seed = 1, Samples = Steps * 8, BatchSize = 8, DeadAfter = 40, HistoryEvery = 50 }));

    [Fact]
    public void L1_with_resampling_is_not_disturbed() => Undisturbed(() => Weights(
        new L1Options { Latents = 12, Coefficient = 0.3, Seed = 1, Samples = Steps * 8, BatchSize = 8, DeadAfter = 40, ResampleEvery = 9, HistoryEvery = 50 }));

    [Theory]
    [InlineData(ToyModelEngine.Automatic)]
    [InlineData(ToyModelEngine.Autograd)]
    public void A_toy_model_is_not_disturbed(ToyModelEngine engine) => Undisturbed(() =>
    {
        var ml = new MLContext();
        var world = ml.Data.SparseFeatures(new() { Features = 6, Density = 0.3, Rows = 1000, Seed = 1 });
        var options = new ToyModelOptions { Dimensions = 2, Instances = 2, Steps = Steps, BatchSize = 8, Seed = 1, HistoryEvery = 50, Engine = engine };
        return [.. ml.Transforms.ToyModel("Activations", "Features", options).Fit(world).Instances.SelectMany(m => m.W.Cast<float>().Concat(m.B))];
    });

    [Fact]
    public void Serving_is_not_disturbed()
    {
        var rows = Recorded.Normal(1, 3000, 6);
        var stage = new TopKOptions { Latents = 12, K = 3, Seed = 1, Samples = 100, BatchSize = 10 }.Train(Recorded.View(rows))
            .Autoencoder.ToTransformer("Z", "Activations", "R", batchSize: 4);
        Undisturbed(() => [.. stage.Transform(Recorded.View(rows)).Vectors("Z").Concat(stage.Transform(Recorded.View(rows)).Vectors("R")).SelectMany(v => v)]);
    }

    static float[] Weights(SparseAutoencoderOptions options)
    {
        var trained = options.Train(Recorded.View(Recorded.Aside(seed: 1, rows: 500, dimensions: 6, shift: 10))).Autoencoder;
        return [.. trained.Encoder.Cast<float>(), .. trained.EncoderBias, .. trained.Decoder.Cast<float>(), .. trained.DecoderBias];
    }

    static void Undisturbed(Func<float[]> work)
    {
        var expected = work();
        var (done, collections) = (false, 0);
        var collector = new Thread(() =>
        {
            for (; !Volatile.Read(ref done); collections++)
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
            }
        });
        collector.Start();
        try
        {
            Assert.Equal(expected, work());
        }
        finally
        {
            Volatile.Write(ref done, true);
            collector.Join();
        }
        Assert.InRange(collections, 1, int.MaxValue);
        TestContext.Current.TestOutputHelper!.WriteLine($"{collections} collections");
    }
}

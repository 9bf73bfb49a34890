using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.ML;
using Superposition.Features;
using Superposition.ToyModels;
using Superposition.Training;
using TorchSharp;
using Xunit;

namespace Superposition.Tests.ToyModels;

// Design, decision 5: same engine, same kind of CPU: same bytes, whatever the thread count.
[Collection(nameof(Alone))]
public sealed class ToyModelDeterminismTests
{
    static readonly MLContext Ml = new(seed: 1);

    // Large enough that torch shares its products out: 3 × 512 × 64 × 16 multiplications a product.
    static readonly SparseFeatureOptions World = new() { Features = 64, Density = 0.1, Rows = 20_000, Seed = 1 };
    static readonly ToyModelOptions Options = new()
    {
        Dimensions = 16,
        Instances = 3,
        Steps = 40,
        BatchSize = 512,
        Seed = 2,
        Importance = PerFeature.Powers(0.98),
        Optimizer = new AdamWOptions { LearningRate = 1e-2, WeightDecay = 0.01 },
    };

    public static TheoryData<ToyModelEngine> Engines => [.. Enum.GetValues<ToyModelEngine>()];

    [Theory]
    [MemberData(nameof(Engines))]
    public void Same_options_give_the_same_bytes_with_one_thread_and_two(ToyModelEngine engine) =>
        Assert.Equal(Digest(1, engine), Digest(2, engine));

    // A process of its own has another hash seed and other addresses; with one processor instances train one after another.
    [Theory]
    [InlineData(ToyModelEngine.Automatic, 1)]
    [InlineData(ToyModelEngine.Automatic, 2)]
    [InlineData(ToyModelEngine.Autograd, 2)]
    public void Same_options_give_the_same_bytes_in_a_second_process(ToyModelEngine engine, int threads) =>
        Assert.Equal(Digest(1, engine), SecondProcess.Digest(threads, engine == ToyModelEngine.Automatic ? "fused" : "autograd"));

    // For autograd the gradient of W is a product over the batch: a long one, and few results to share out among threads. On Intel's
    // processors MKL shares out the sum of a single result, so there the last bit follows from the number of threads, but not from more.
    [Theory]
    [InlineData(5, 2, 1, 4096)]
    [InlineData(100, 20, 2, 2048)]
    [InlineData(300, 30, 1, 512)]
    [InlineData(1, 1, 1, 40_000)]
    public void Same_options_give_the_same_bytes_whatever_the_shape(int n, int d, int k, int rows)
    {
        var world = World with { Features = n };
        foreach (var engine in Enum.GetValues<ToyModelEngine>())
        {
            var options = Options with { Dimensions = d, Instances = k, BatchSize = rows, Steps = 5, Engine = engine };
            Assert.Equal(Digest(n == 1 && engine == ToyModelEngine.Autograd ? 2 : 1, world, options), Digest(2, world, options));
        }
    }

    [Fact]
    public void Another_seed_or_another_world_gives_other_weights()
    {
        var digests = new[]
        {
            Digest(2, ToyModelEngine.Automatic), Digest(2, World, Options with { Seed = 3 }), Digest(2, World with { Seed = 2 }, Options),
            Digest(2, World with { Rows = 10_000 }, Options),
        };
        Assert.Equal(4, digests.Distinct().Count());
    }

    [Fact]
    public void A_view_in_the_worlds_order_trains_what_the_world_trains()
    {
        var world = new SparseFeatureView(World with { Rows = 2000 });
        var streamed = Ml.Data.LoadFromEnumerable(Rows(world));
        var options = Options with { Instances = 1, Steps = 10, Engine = ToyModelEngine.Autograd };   // the one that any view gets
        Assert.Equal(Of(Fit(world, options)), Of(Fit(streamed, options)));
        static IEnumerable<Row> Rows(SparseFeatureView world) => world.Vectors("Features").Select(x => new Row { Features = x });
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public void An_instance_is_the_same_whichever_others_are_trained_beside_it(ToyModelEngine engine)
    {
        var (world, options) = (new SparseFeatureView(World), Options with { Engine = engine });
        var three = Fit(world, options with { Instances = 3 });
        var one = Fit(world, options with { Instances = 1 });
        var five = Fit(world, options with { Instances = 5 });
        Assert.Equal(Of(three[..1]), Of(one));
        Assert.Equal(Of(three), Of(five[..3]));
    }

    /// <summary>SHA-256 of all weights of a training with torch on so many threads.</summary>
    public static string Digest(int threads, ToyModelEngine engine) => Digest(threads, World, Options with { Engine = engine });

    static string Digest(int threads, SparseFeatureOptions world, ToyModelOptions options)
    {
        var before = torch.get_num_threads();
        torch.set_num_threads(threads);
        try
        {
            return Of(Fit(new SparseFeatureView(world), options));
        }
        finally
        {
            torch.set_num_threads(before);
        }
    }

    static ToyModel[] Fit(IDataView view, ToyModelOptions options) =>
        [.. Ml.Transforms.ToyModel("Activations", "Features", options).Fit(view).Instances];

    static string Of(IEnumerable<ToyModel> models)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var model in models)
        {
            hash.AppendData(MemoryMarshal.AsBytes(MemoryMarshal.CreateSpan(ref model.W[0, 0], model.W.Length)));
            hash.AppendData(MemoryMarshal.AsBytes(model.B.AsSpan()));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    sealed class Row
    {
        [Microsoft.ML.Data.VectorType(64)] public float[] Features { get; set; } = [];
    }
}

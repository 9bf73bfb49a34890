using System.Text.Json;
using Superposition.Autoencoders;
using Superposition.DataViews;
using Superposition.Storage;
using Superposition.Tests.Activations;
using Superposition.Tests.Storage;
using Superposition.ToyModels;
using Superposition.Training;
using Xunit;

namespace Superposition.Tests.Autoencoders;

public sealed class SparseAutoencoderRunTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public SparseAutoencoderRunTests() =>
        NpyFile.Write(folder["x.npy"], [.. Recorded.Normal(1, 100, 4).SelectMany(row => row)], 100, 4);

    public void Dispose() => folder.Dispose();

    static readonly TopKOptions TopK = new() { Latents = 7, K = 2, Seed = 1, Samples = 500, BatchSize = 20, HistoryEvery = 4, DeadAfter = 40 };
    static readonly L1Options L1 = new() { Latents = 7, Coefficient = 0.2, Seed = 1, Samples = 500, BatchSize = 20, HistoryEvery = 4 };

    public static TheoryData<SparseAutoencoderOptions> Architectures => new() { TopK, L1 };

    SparseAutoencoderRecipe Recipe(SparseAutoencoderOptions options) => new() { Activations = new() { Npy = folder["x.npy"] }, Autoencoder = options };

    [Theory]
    [MemberData(nameof(Architectures))]
    public void What_was_trained_into_a_folder_is_read_back_to_the_bit(SparseAutoencoderOptions options)
    {
        var trained = SparseAutoencoderRun.Train(Recipe(options), folder["run"]);
        var read = SparseAutoencoderRun.Read(folder["run"]);
        Assert.Equal(RunStatus.Complete, RunFolder.Open(folder["run"], RunKind.Sae).Status);
        Assert.Equal(Recipe(options), read.Recipe);
        AssertSame(trained.Autoencoder, read.Autoencoder);
        Assert.Equal(trained.History.Steps, read.History.Steps);
        Assert.Equal(trained.History.Metrics, read.History.Metrics);
        Assert.Equal([1L, 4, 8, 12, 16, 20, 24, 25], read.History.Steps);
    }

    [Theory]
    [MemberData(nameof(Architectures))]
    public void What_is_read_back_serves_what_was_trained(SparseAutoencoderOptions options)
    {
        var trained = SparseAutoencoderRun.Train(Recipe(options), folder["run"]);
        var view = Recorded.View(Recorded.Normal(2, 50, 4));
        float[][] Served(SparseAutoencoder autoencoder) => autoencoder.ToTransformer("Z", "Activations").Transform(view).Vectors("Z");
        Assert.Equal(Served(trained.Autoencoder), Served(SparseAutoencoderRun.Read(folder["run"]).Autoencoder));
    }

    // run.json is the one file whose bytes it cannot list.
    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"activations":{},"autoencoder":{"latents":7,"seed":1}}""")]
    public void A_recipe_that_is_none_of_an_autoencoder_is_refused(string recipe)
    {
        SparseAutoencoderRun.Train(Recipe(TopK), folder["run"]);
        var manifest = Path.Combine(folder["run"], "run.json");
        var json = System.Text.Json.Nodes.JsonNode.Parse(File.ReadAllText(manifest))!;
        json["recipe"] = System.Text.Json.Nodes.JsonNode.Parse(recipe);
        File.WriteAllText(manifest, json.ToJsonString());
        Assert.Equal(RunFolderReason.ManifestMalformed, Assert.Throws<RunFolderException>(() => SparseAutoencoderRun.Read(folder["run"])).Reason);
    }

    [Theory]
    [MemberData(nameof(Architectures))]
    public void The_same_recipe_leaves_the_same_bytes(SparseAutoencoderOptions options)
    {
        SparseAutoencoderRun.Train(Recipe(options), folder["a"]);
        SparseAutoencoderRun.Train(Recipe(options), folder["b"]);
        AssertSameFiles(folder["a"], folder["b"]);
    }

    [Fact]
    public void A_run_of_data_without_variance_is_read_back_too()
    {
        NpyFile.Write(folder["x.npy"], [1, 2, 1, 2, 1, 2], 3, 2);
        // Alone in its batch a row has no variance to explain, and does not show that all are alike.
        var trained = SparseAutoencoderRun.Train(Recipe(TopK with { BatchSize = 1 }), folder["run"]);
        Assert.All(trained.History.Metrics, at => Assert.Equal(double.NaN, at.ExplainedVariance));
        Assert.Equal(trained.History.Metrics, SparseAutoencoderRun.Read(folder["run"]).History.Metrics);
    }

    [Fact]
    public void An_autoencoder_is_trained_on_the_activations_of_a_toy_run()
    {
        ToyModelRun.Train(new()
        {
            World = new() { Features = 6, Density = 0.4, Rows = 300, Seed = 5 },
            Model = new() { Dimensions = 3, Seed = 2, Steps = 50, BatchSize = 20 },
        }, folder["toy"]);
        var recipe = new SparseAutoencoderRecipe { Activations = new() { Toy = folder["toy"] }, Autoencoder = TopK };
        Assert.Equal((3, 7), (SparseAutoencoderRun.Train(recipe, folder["run"]).Autoencoder.Dimensions, TopK.Latents));
        Assert.Equal(recipe, SparseAutoencoderRun.Read(folder["run"]).Recipe);
    }

    [Theory]
    [MemberData(nameof(Architectures))]
    public void A_training_that_diverges_leaves_its_last_good_state_marked_so(SparseAutoencoderOptions options)
    {
        var wild = Recipe(options with { Optimizer = new AdamWOptions { LearningRate = 1e30 } });
        var error = Assert.Throws<DivergenceException<SparseAutoencoder>>(() => SparseAutoencoderRun.Train(wild, folder["run"]));
        Assert.Equal(RunStatus.Diverged, RunFolder.Open(folder["run"], RunKind.Sae).Status);
        AssertSame(error.LastGood, SparseAutoencoderRun.Read(folder["run"]).Autoencoder);
    }

    [Fact]
    public void What_cannot_be_trained_and_what_was_cancelled_leave_nothing_behind()
    {
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        NpyFile.Write(folder["nan.npy"], [1, float.NaN], 1, 2);
        var before = folder.Names();
        Assert.Throws<OptionsException>(() => SparseAutoencoderRun.Train(Recipe(TopK with { K = 8 }), folder["run"]));
        Assert.Throws<OptionsException>(() => SparseAutoencoderRun.Train(Recipe(TopK) with { Activations = new() }, folder["run"]));
        Assert.Throws<InputDataException>(() =>
            SparseAutoencoderRun.Train(Recipe(TopK) with { Activations = new() { Npy = folder["nan.npy"] } }, folder["run"]));
        Assert.Throws<OperationCanceledException>(() =>
            SparseAutoencoderRun.Train(Recipe(TopK with { Cancellation = cancelled.Token }), folder["run"]));
        Assert.Equal(before, folder.Names());
    }

    [Fact]
    public void A_run_that_is_there_is_replaced_only_when_asked()
    {
        SparseAutoencoderRun.Train(Recipe(TopK), folder["run"]);
        Assert.Equal(RunFolderReason.TargetExists,
            Assert.Throws<RunFolderException>(() => SparseAutoencoderRun.Train(Recipe(L1), folder["run"])).Reason);
        Assert.IsType<TopKActivation>(SparseAutoencoderRun.Read(folder["run"]).Autoencoder.Activation);
        SparseAutoencoderRun.Train(Recipe(L1), folder["run"], overwrite: true);
        Assert.IsType<ReluActivation>(SparseAutoencoderRun.Read(folder["run"]).Autoencoder.Activation);
    }

    [Fact]
    public void A_recipe_is_read_back_from_JSON_equal()
    {
        foreach (var options in new SparseAutoencoderOptions[] { TopK, L1 })
        {
            var json = JsonSerializer.Serialize(Recipe(options), OptionsJson.Settings);
            Assert.Equal(Recipe(options), JsonSerializer.Deserialize<SparseAutoencoderRecipe>(json, OptionsJson.Settings));
        }
    }

    /// <summary>Every file of two runs, run.json too.</summary>
    internal static void AssertSameFiles(string one, string other)
    {
        string[] Names(string run) => [.. Directory.GetFiles(run).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)];
        Assert.Equal(Names(one), Names(other));
        Assert.NotEmpty(Names(one));
        foreach (var name in Names(one)) Assert.Equal(File.ReadAllBytes(Path.Combine(one, name)), File.ReadAllBytes(Path.Combine(other, name)));
    }

    static void AssertSame(SparseAutoencoder expected, SparseAutoencoder found)
    {
        Assert.Equal(expected.Encoder, found.Encoder);
        Assert.Equal(expected.EncoderBias, found.EncoderBias);
        Assert.Equal(expected.Decoder, found.Decoder);
        Assert.Equal(expected.DecoderBias, found.DecoderBias);
        Assert.Equal(expected.Activation, found.Activation);
    }
}

using System.Text;
using Superposition.Autoencoders;
using Superposition.Storage;
using Superposition.Tests.Storage;
using Superposition.ToyModels;
using Xunit;

namespace Superposition.Tests.Hostile;

/// <summary>A whole run whose run.json was altered: its own bytes are in no list of hashes, and what it says must fit the files beside it.</summary>
[Collection(nameof(Alone))]
public sealed class HostileRunTests(ITestOutputHelper output) : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(RunKind.Toy)]
    [InlineData(RunKind.Sae)]
    public Task A_run_with_a_damaged_manifest_is_read_or_refused(RunKind kind) => Fuzz(kind, 1_000);

    [Theory, Trait("Category", "Science")]
    [InlineData(RunKind.Toy)]
    [InlineData(RunKind.Sae)]
    public Task Of_ten_thousand_runs_with_a_damaged_manifest_each_is_read_or_refused(RunKind kind) => Fuzz(kind, 10_000);

    [Theory, Trait("Category", "Faults")]
    [InlineData(RunKind.Toy)]
    [InlineData(RunKind.Sae)]
    public Task Of_a_hundred_thousand_runs_with_a_damaged_manifest_each_is_read_or_refused(RunKind kind) => Fuzz(kind, 100_000);

    async Task Fuzz(RunKind kind, int files)
    {
        var run = folder["run"];
        ToyModelRun.Train(new()
        {
            World = new() { Features = 5, Density = 0.2, Seed = 1 },
            Model = new() { Dimensions = 2, Instances = 2, Seed = 2, Steps = 20, BatchSize = 20, HistoryEvery = 10, SnapshotEvery = 10 },
        }, kind == RunKind.Toy ? run : folder["toy"]);
        if (kind == RunKind.Sae)
            SparseAutoencoderRun.Train(new()
            {
                Activations = new() { Toy = folder["toy"] },
                Autoencoder = new TopKOptions { Latents = 4, K = 2, Seed = 3, Samples = 200, BatchSize = 20, HistoryEvery = 4 },
            }, run);
        var manifest = Path.Combine(run, "run.json");
        var text = File.ReadAllText(manifest);
        var fuzzing = new Fuzzing(new($"run of kind {kind}", [TextDamage.Of(text), ByteDamage.Of(Encoding.UTF8.GetBytes(text))], bytes =>
        {
            File.WriteAllBytes(manifest, bytes);
            if (kind == RunKind.Toy) ToyModelRun.Read(run);
            else SparseAutoencoderRun.Read(run);
        }, error => error switch
        {
            RunFolderException refused => refused.Reason.ToString(),
            SafetensorsException refused => refused.Reason.ToString(),
            CsvException refused => refused.Reason.ToString(),
            SparseAutoencoderFileException refused => refused.Reason.ToString(),
            _ => null,
        }));
        await fuzzing.Run(files, TestContext.Current.CancellationToken);
        output.WriteLine(fuzzing.ToString());
        Assert.True(fuzzing.Read > 0, fuzzing.ToString());
    }
}

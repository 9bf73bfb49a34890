using System.Diagnostics;
using Superposition.Activations;
using Superposition.DataViews;
using Superposition.Tests.Autoencoders;
using Superposition.Tests.Storage;
using Xunit;

namespace Superposition.Tests.Hostile;

/// <summary>Models that OnnxRuntime loads and runs on zeros, to see what shape their tensor has: what it makes of a damaged one is told in our words.</summary>
[Collection(nameof(Alone))]
public sealed class HostileOnnxTests(ITestOutputHelper output) : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public Task A_damaged_model_is_run_or_refused() => Fuzz(500);

    [Fact, Trait("Category", "Science")]
    public Task Of_five_thousand_damaged_models_each_is_run_or_refused() => Fuzz(5_000);

    [Fact, Trait("Category", "Faults")]
    public Task Of_a_million_damaged_models_each_is_run_or_refused() => Fuzz(1_000_000);

    async Task Fuzz(int files)
    {
        var (path, schema) = (folder["model.onnx"], Recorded.View([[1, 2, 3]]).Schema);
        var options = new OnnxActivationOptions { Model = path, Tensor = "hidden", BatchSize = 2 };
        var fuzzing = new Fuzzing(ModelFormats.Onnx with
        {
            Name = "onnx, run",
            Read = bytes =>
            {
                File.WriteAllBytes(path, bytes);
                using var tap = new OnnxTap(options, schema);
            },
            ReasonOf = error => (error as OnnxModelException)?.Reason.ToString() ?? (error as InputDataException)?.Reason.ToString(),
        });
        await fuzzing.Run(files, TestContext.Current.CancellationToken);
        output.WriteLine($"{fuzzing}; the process held at most {Process.GetCurrentProcess().PeakWorkingSet64 / 1048576} MiB.");
        Assert.True(fuzzing.Read > 0, fuzzing.ToString());
    }
}

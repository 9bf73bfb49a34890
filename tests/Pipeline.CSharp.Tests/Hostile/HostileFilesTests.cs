using System.Diagnostics;
using Xunit;

namespace Superposition.Tests.Hostile;

/// <summary>Whatever a file holds, it is read or refused by its own reader with its own reason: no other error, no wait, no memory beyond its size.</summary>
[Collection(nameof(Alone))]
public sealed class HostileFilesTests(ITestOutputHelper output)
{
    static readonly FuzzedFormat[] Formats =
    [
        ArrayFormats.Safetensors, ArrayFormats.Autoencoder, ArrayFormats.Npy, ArrayFormats.Npz,
        JsonFormats.ToyRecipe, JsonFormats.SaeRecipe, JsonFormats.Manifest, JsonFormats.Table,
        ModelFormats.Checkpoint, ModelFormats.Config, ModelFormats.SaeConfig, ModelFormats.ScoredTokens, ModelFormats.SentencePiece, ModelFormats.ByteLevel, ModelFormats.Onnx,
        AutoencoderFormats.GemmaScope, AutoencoderFormats.SaeLens,
    ];

    public static TheoryData<string> Names => [.. Formats.Select(format => format.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public Task A_damaged_file_is_read_or_refused_by_its_reader(string format) => Fuzz(format, 5_000);

    [Theory, Trait("Category", "Science")]
    [MemberData(nameof(Names))]
    public Task Of_a_hundred_thousand_damaged_files_each_is_read_or_refused_by_its_reader(string format) => Fuzz(format, 100_000);

    [Theory, Trait("Category", "Faults")]
    [MemberData(nameof(Names))]
    public Task Of_a_million_damaged_files_each_is_read_or_refused_by_its_reader(string format) => Fuzz(format, 1_000_000);

    async Task Fuzz(string name, int files)
    {
        var (format, start) = (Formats.Single(format => format.Name == name), Stopwatch.GetTimestamp());
        var fuzzing = new Fuzzing(format);
        await fuzzing.Run(files, TestContext.Current.CancellationToken);
        output.WriteLine(FormattableString.Invariant(
            $"{fuzzing}; {Stopwatch.GetElapsedTime(start).TotalSeconds:F1} s; the process held at most {Process.GetCurrentProcess().PeakWorkingSet64 / 1048576} MiB."));
        // The damage is worth nothing if it never gets past the first check, or never does any.
        Assert.True(fuzzing.Read > 0, fuzzing.ToString());
        Assert.True(fuzzing.Refused.Count > 0, fuzzing.ToString());
    }
}

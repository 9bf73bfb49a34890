using System.IO.Compression;
using System.Text.Json.Nodes;
using Superposition.Storage;
using Superposition.Tests.Storage;
using Xunit;

namespace Superposition.Tests.Hostile;

/// <summary>Names within files that would lead elsewhere if anyone took them for paths. (Those of weights in several files: LlamaFolderTests; of weights beside a graph: OnnxActivationViewTests.)</summary>
public sealed class HostileNamesTests : IDisposable
{
    readonly TemporaryFolder folder = new();
    readonly string inside;

    public HostileNamesTests()
    {
        inside = Directory.CreateDirectory(folder["inside"]).FullName;
        File.WriteAllText(folder["x"], "a stranger's");
    }

    public void Dispose()
    {
        Assert.Equal(["inside", "x"], folder.Names());
        Assert.Equal("a stranger's", File.ReadAllText(folder["x"]));
        folder.Dispose();
    }

    public static TheoryData<string> Names => ["../x", "..\\x", "../../x", "/x", "\\\\x\\y", "C:\\x", "a/../../x", "~/x", ".", "..", "", "\0x", "con", "<script>", new string('a', 5000)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_tensor_s_name_is_a_name_and_no_more(string name)
    {
        var path = Path.Combine(inside, "weights.safetensors");
        Safetensors.Write(path, [new(name, StoredArray.Of([1f], 1))], new Dictionary<string, string> { [name] = name });
        Assert.Equal([name], Safetensors.Read(path).Keys);
        Assert.Equal(["weights.safetensors"], NamesInside());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void An_array_s_name_in_an_archive_is_a_name_and_no_more(string name)
    {
        var path = Path.Combine(inside, "arrays.npz");
        File.WriteAllBytes(path, NpzBytes.Zip(CompressionLevel.Optimal, ($"{name}.npy", NpzBytes.Npy([1], 1))));
        Assert.Equal([name], Npz.Read(path).Keys);
        Assert.Equal(["arrays.npz"], NamesInside());
    }

    // The file is there, with the length and hash that are listed: only its name is refused.
    [Theory]
    [MemberData(nameof(Names))]
    public void A_file_that_a_run_lists_elsewhere_is_not_opened(string name)
    {
        var run = Path.Combine(inside, "run");
        using (var writer = new RunFolderWriter(run))
        {
            writer.WriteCsv("metrics.csv", new CsvTable("a"));
            writer.Complete(new() { Kind = RunKind.Toy, Name = name, Recipe = System.Text.Json.JsonSerializer.SerializeToElement(1) });
        }
        Assert.Equal(name, RunFolder.Open(run).Name);
        var manifest = Path.Combine(run, "run.json");
        var json = JsonNode.Parse(File.ReadAllText(manifest))!;
        var listed = RunFile.Of(folder["x"]);
        json["files"]![name] = new JsonObject { ["sha256"] = listed.Sha256, ["bytes"] = listed.Bytes };
        File.WriteAllText(manifest, json.ToJsonString());
        var refused = Assert.Throws<RunFolderException>(() => RunFolder.Open(run)).Reason;
        Assert.Equal(name == "con" ? RunFolderReason.FileMissing : RunFolderReason.NameInvalid, refused);
        Assert.Throws<RunFolderException>(() => new RunFolderWriter(Path.Combine(inside, "other")).WriteCsv(name == "con" ? "a/b" : name, new CsvTable("a")));
    }

    string[] NamesInside() => [.. Directory.EnumerateFileSystemEntries(inside).Select(entry => Path.GetFileName(entry))];
}

using System.Text.Json;
using System.Text.Json.Nodes;
using Superposition.Storage;
using Xunit;

namespace Superposition.Tests.Storage;

public sealed class RunFolderTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    string Run => folder["run"];

    [Fact]
    public void A_run_is_read_back_as_it_was_written()
    {
        Write(Manifest());
        var run = RunFolder.Open(Run);
        Assert.Equal((RunKind.Sae, "θ, k = 3", RunStatus.Diverged), (run.Kind, run.Name, run.Status));
        Assert.Equal("""{"seed":3,"k":[1,2.50]}""", JsonSerializer.Serialize(run.Recipe));
        Assert.Equal(["dotnet", "superposition", "system"], run.Versions.Keys);
        Assert.Equal(["metrics.csv", "weights.safetensors"], run.Files.Keys);
        Assert.Equal([1, 2], run.Safetensors("weights.safetensors")["W"].ToSingles());
        Assert.Equal([0.5], run.Csv("metrics.csv").Numbers("loss"));
        Assert.True(File.Exists(run.Path("metrics.csv")));
        Assert.Equal(["run"], folder.Names());
    }

    [Fact]
    public void The_same_run_twice_is_the_same_bytes()
    {
        Write(Manifest());
        var first = File.ReadAllBytes(Path.Combine(Run, "run.json"));
        Write(Manifest(), overwrite: true);
        Assert.Equal(first, File.ReadAllBytes(Path.Combine(Run, "run.json")));
    }

    [Fact]
    public void The_manifest_is_the_text_it_is_said_to_be()
    {
        using var writer = new RunFolderWriter(Run);
        File.WriteAllText(writer.Path("log.txt"), "abc");
        var versions = new Dictionary<string, string> { ["superposition"] = "0.1.0", ["dotnet"] = "10.0.1" };
        writer.Complete(Manifest() with { Versions = versions });
        // SHA-256 of "abc": FIPS 180-2, appendix B.1.
        Assert.Equal("""
            {
              "format": 1,
              "kind": "sae",
              "name": "θ, k = 3",
              "status": "diverged",
              "recipe": {
                "seed": 3,
                "k": [
                  1,
                  2.50
                ]
              },
              "versions": {
                "dotnet": "10.0.1",
                "superposition": "0.1.0"
              },
              "files": {
                "log.txt": {
                  "sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
                  "bytes": 3
                }
              }
            }

            """.ReplaceLineEndings("\n"), File.ReadAllText(Path.Combine(Run, "run.json")));
    }

    [Fact]
    public void Nothing_is_seen_until_it_is_complete_and_nothing_is_left_if_it_never_is()
    {
        using (var writer = new RunFolderWriter(Run))
        {
            writer.WriteCsv("metrics.csv", new CsvTable("step"));
            Assert.False(Directory.Exists(Run));
            Assert.All(folder.Names(), name => Assert.StartsWith(".run.partial-", name, StringComparison.Ordinal));
        }
        Assert.Empty(folder.Names());
    }

    [Fact]
    public void What_a_process_that_was_killed_left_is_deleted_by_the_next_and_what_lives_stays()
    {
        // As it is found after kill -9: nobody holds the lock.
        var killed = folder[".run.partial-0123456789abcdef0123456789abcdef"];
        Directory.CreateDirectory(killed);
        File.WriteAllText(Path.Combine(killed, "metrics.csv"), "step\n");
        File.WriteAllText($"{killed}.lock", "");
        using var first = new RunFolderWriter(Run);
        Assert.False(Directory.Exists(killed));
        using (var second = new RunFolderWriter(Run)) second.WriteCsv("metrics.csv", new CsvTable("step"));
        first.WriteCsv("metrics.csv", new CsvTable("step"));
        first.Complete(Manifest());
        Assert.Equal(["run"], folder.Names());
    }

    [Fact]
    public void A_run_is_not_overwritten_unless_asked_for()
    {
        Write(Manifest());
        Assert.Equal(RunFolderReason.TargetExists, Reason(() => new RunFolderWriter(Run)));
        using (var writer = new RunFolderWriter(Run, overwrite: true))
            writer.WriteCsv("metrics.csv", new CsvTable("step")); // never completed
        Assert.Equal("θ, k = 3", RunFolder.Open(Run).Name);
        using (var writer = new RunFolderWriter(Run, overwrite: true)) writer.Complete(Manifest() with { Name = "new" });
        Assert.Equal("new", RunFolder.Open(Run).Name);
        Assert.Empty(RunFolder.Open(Run).Files);
        Assert.Equal(["run"], folder.Names());
    }

    [Fact]
    public void What_is_no_run_is_never_overwritten()
    {
        Directory.CreateDirectory(Run);
        Assert.Equal(RunFolderReason.TargetNotARun, Reason(() => new RunFolderWriter(Run, overwrite: true)));
        File.WriteAllText(Path.Combine(Run, "run.json"), """{"scripts": "of another program"}""");
        Assert.Equal(RunFolderReason.TargetNotARun, Reason(() => new RunFolderWriter(Run, overwrite: true)));
        File.WriteAllText(folder["file"], "");
        Assert.Equal(RunFolderReason.TargetNotARun, Reason(() => new RunFolderWriter(folder["file"], overwrite: true)));
    }

    [Fact]
    public void A_run_with_a_file_of_someone_else_in_it_is_not_overwritten()
    {
        Write(Manifest());
        File.WriteAllText(Path.Combine(Run, "notes.txt"), "mine");
        Assert.Equal(RunFolderReason.TargetNotARun, Reason(() => new RunFolderWriter(Run, overwrite: true)));
        Assert.Equal("θ, k = 3", RunFolder.Open(Run).Name);
    }

    [Fact]
    public void What_came_to_lie_at_the_target_in_the_meantime_is_kept()
    {
        using var slow = new RunFolderWriter(Run);
        Write(Manifest() with { Name = "quick" });
        Assert.Equal(RunFolderReason.TargetExists, Reason(() => slow.Complete(Manifest())));
        Assert.Equal("quick", RunFolder.Open(Run).Name);
        Directory.Move(Run, folder["elsewhere"]);
        slow.Complete(Manifest() with { Name = "slow" });
        Assert.Equal("slow", RunFolder.Open(Run).Name);
        Assert.Equal(["elsewhere", "run"], folder.Names());
    }

    [Fact]
    public void A_path_that_cannot_be_written_is_found_at_once()
    {
        File.WriteAllText(folder["file.txt"], "");
        var error = Assert.Throws<FileWriteException>(() => new RunFolderWriter(Path.Combine(folder["file.txt"], "sub", "run")));
        Assert.Equal(FileWriteReason.FolderUnusable, error.Reason);
    }

    [Fact]
    public void An_altered_file_is_found()
    {
        Write(Manifest());
        var path = Path.Combine(Run, "weights.safetensors");
        var bytes = File.ReadAllBytes(path);
        bytes[^1] ^= 1;
        File.WriteAllBytes(path, bytes);
        Assert.Equal(RunFolderReason.HashDiffers, Reason(() => RunFolder.Open(Run)));
        File.WriteAllBytes(path, bytes[..^1]);
        Assert.Equal(RunFolderReason.SizeDiffers, Reason(() => RunFolder.Open(Run)));
        File.Delete(path);
        Assert.Equal(RunFolderReason.FileMissing, Reason(() => RunFolder.Open(Run)));
    }

    [Theory]
    [InlineData(RunFolderReason.ManifestMalformed, """{"kind":"toad"}""")]
    [InlineData(RunFolderReason.ManifestMalformed, """{"name":null}""")]
    [InlineData(RunFolderReason.ManifestMalformed, """{"versions":{"v":1}}""")]
    [InlineData(RunFolderReason.ManifestMalformed, """{"files":{"a":{"sha256":"","bytes":0.5}}}""")]
    [InlineData(RunFolderReason.ManifestMalformed, """{"status":"finished"}""")]
    [InlineData(RunFolderReason.ManifestMalformed, """{"format":"1"}""")]
    [InlineData(RunFolderReason.UnknownFormat, """{"format":2}""")]
    [InlineData(RunFolderReason.NameInvalid, """{"files":{"../a":{"sha256":"","bytes":0}}}""")]
    public void A_manifest_with_a_value_that_cannot_be_is_refused_for_its_reason(RunFolderReason reason, string changed)
    {
        Write(Manifest());
        var path = Path.Combine(Run, "run.json");
        var manifest = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        foreach (var (key, value) in JsonNode.Parse(changed)!.AsObject()) manifest[key] = value?.DeepClone();
        File.WriteAllText(path, manifest.ToJsonString());
        Assert.Equal(reason, Reason(() => RunFolder.Open(Run)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"format":1,"format":1}""")]
    [InlineData("""{"format":1}""")]
    public void A_manifest_that_is_no_manifest_is_refused(string json)
    {
        Directory.CreateDirectory(Run);
        File.WriteAllText(Path.Combine(Run, "run.json"), json);
        Assert.Equal(RunFolderReason.ManifestMalformed, Reason(() => RunFolder.Open(Run)));
    }

    [Fact]
    public void A_folder_that_is_not_there_is_no_run() =>
        Assert.Equal(RunFolderReason.NotARunFolder, Reason(() => RunFolder.Open(Run)));

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData("a\\b")]
    [InlineData("/a")]
    [InlineData("C:a")]
    [InlineData(".hidden")]
    [InlineData("a.")]
    [InlineData("run.json")]
    [InlineData("RUN.JSON")]
    public void A_name_that_leads_elsewhere_is_refused(string name)
    {
        using var writer = new RunFolderWriter(Run);
        Assert.Equal(RunFolderReason.NameInvalid, Reason(() => writer.WriteCsv(name, new CsvTable("a"))));
    }

    [Fact]
    public void A_file_the_run_has_not_is_named_beside_those_it_has()
    {
        Write(Manifest());
        var error = Assert.Throws<RunFolderException>(() => RunFolder.Open(Run).Csv("metric.csv"));
        Assert.Equal(RunFolderReason.FileNotListed, error.Reason);
        Assert.Contains("\"metrics.csv\", \"weights.safetensors\"", error.Message, StringComparison.Ordinal);
    }

    public void Dispose() => folder.Dispose();

    internal static RunManifest Manifest() => new()
    {
        Kind = RunKind.Sae,
        Name = "θ, k = 3",
        Status = RunStatus.Diverged,
        Recipe = JsonDocument.Parse("""{"seed": 3, "k": [1, 2.50]}""").RootElement,
        Versions = RunManifest.VersionsHere(("superposition", "0.1.0")),
    };

    void Write(RunManifest manifest, bool overwrite = false)
    {
        using var writer = new RunFolderWriter(Run, overwrite);
        writer.WriteSafetensors("weights.safetensors", [new("W", StoredArray.Of([1f, 2], 2))]);
        var metrics = new CsvTable("step", "loss");
        metrics.Add(1, 0.5);
        writer.WriteCsv("metrics.csv", metrics);
        writer.Complete(manifest);
    }

    static RunFolderReason Reason(Func<object> act) => Assert.Throws<RunFolderException>(act).Reason;

    static RunFolderReason Reason(Action act) => Assert.Throws<RunFolderException>(act).Reason;
}

using System.IO.Compression;
using Superposition.Autoencoders;
using Superposition.Storage;
using Superposition.Tests.Activations;
using Superposition.Tests.Storage;
using Superposition.Training;
using Xunit;

namespace Superposition.Tests.Autoencoders;

/// <summary>The front door: what is recognised, what is not, and files of our own.</summary>
public sealed class SparseAutoencoderFileTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public static TheoryData<string> Forms => [.. AnyAutoencoder.Forms.Keys];

    [Theory]
    [MemberData(nameof(Forms))]
    public void A_file_of_ours_keeps_every_form_to_the_bit(string form)
    {
        var written = AnyAutoencoder.Forms[form] with { Firing = [.. Enumerable.Range(0, AnyAutoencoder.M).Select(j => j / 10f)] };
        Safetensors.Write(folder["sae.safetensors"], StoredAutoencoder.Tensors(written), StoredAutoencoder.Metadata(written));
        var loaded = SparseAutoencoderFile.Read(folder["sae.safetensors"]);
        AnyAutoencoder.AssertSame(written, loaded.Autoencoder);
        Assert.Equal(written.Firing, loaded.Autoencoder.Firing);
        Assert.StartsWith("superposition ", loaded.Format);
    }

    [Fact]
    public void Every_activation_there_is_has_a_form_among_those() => Assert.Equal(
        typeof(SparseActivation).Assembly.GetTypes()
            .Where(type => type.IsSubclassOf(typeof(SparseActivation)) && !type.IsAbstract).OrderBy(type => type.Name),
        AnyAutoencoder.Forms.Values.Select(form => form.Activation.GetType()).Distinct().OrderBy(type => type.Name));

    /// <summary>Options of every architecture.</summary>
    public static TheoryData<SparseAutoencoderOptions> Architectures => new()
    {
        new TopKOptions { Latents = 7, K = 2, Seed = 1 },
        new AbsTopKOptions { Latents = 7, K = 2, Seed = 1 },
        new BatchTopKOptions { Latents = 7, K = 2, Seed = 1 },
        new MatryoshkaOptions { Latents = 7, K = 2, Widths = [3, 7], Seed = 1 },
        new MatchingPursuitOptions { Latents = 7, Iterations = 2, Seed = 1 },
        new L1Options { Latents = 7, Coefficient = 0.2, Seed = 1 },
        new PAnnealingOptions { Latents = 7, Coefficient = 0.2, Seed = 1 },
        new GatedOptions { Latents = 7, Coefficient = 0.2, Seed = 1 },
        new JumpReluOptions { Latents = 7, Coefficient = 0.2, Seed = 1 },
    };

    [Theory]
    [MemberData(nameof(Architectures))]
    public void A_run_folder_gives_back_every_architecture_as_it_was_trained(SparseAutoencoderOptions options)
    {
        NpyFile.Write(folder["x.npy"], [.. Recorded.Normal(1, 100, 4).SelectMany(row => row)], 100, 4);
        var trained = SparseAutoencoderRun.Train(new()
        {
            Activations = new() { Npy = folder["x.npy"] },
            Autoencoder = options with { Samples = 400, BatchSize = 20 },
        }, folder["run"]).Autoencoder;
        var loaded = SparseAutoencoderFile.Read(folder["run"]);
        AnyAutoencoder.AssertSame(trained, loaded.Autoencoder);
        Assert.Equal(trained.Firing, loaded.Autoencoder.Firing);
        Assert.Empty(loaded.Warnings);
    }

    [Fact]
    public void A_training_that_diverged_is_warned_of()
    {
        NpyFile.Write(folder["x.npy"], [.. Recorded.Normal(1, 100, 4).SelectMany(row => row)], 100, 4);
        var wild = new TopKOptions
        {
            Latents = 7, K = 2, Seed = 1, Samples = 400, BatchSize = 20, Optimizer = new AdamWOptions { LearningRate = 1e30 },
        };
        Assert.Throws<DivergenceException<SparseAutoencoder>>(() =>
            SparseAutoencoderRun.Train(new() { Activations = new() { Npy = folder["x.npy"] }, Autoencoder = wild }, folder["run"]));
        Assert.Contains("diverged", Assert.Single(SparseAutoencoderFile.Read(folder["run"]).Warnings));
    }

    [Fact]
    public void A_run_of_before_the_metadata_is_what_its_recipe_says()
    {
        NpyFile.Write(folder["x.npy"], [.. Recorded.Normal(1, 100, 4).SelectMany(row => row)], 100, 4);
        foreach (var (options, activation) in new (SparseAutoencoderOptions, SparseActivation)[]
                 {
                     (new TopKOptions { Latents = 7, K = 2, Seed = 1, Samples = 40, BatchSize = 20 }, new TopKActivation(2)),
                     (new L1Options { Latents = 7, Coefficient = 0.1, Seed = 1, Samples = 40, BatchSize = 20 }, new ReluActivation()),
                 })
        {
            var recipe = new SparseAutoencoderRecipe { Activations = new() { Npy = folder["x.npy"] }, Autoencoder = options };
            SparseAutoencoderRun.Train(recipe, folder["new"], overwrite: true);
            var run = RunFolder.Open(folder["new"]);
            using (var old = new RunFolderWriter(folder["old"], overwrite: true))
            {
                old.WriteSafetensors("sae.safetensors", run.Safetensors("sae.safetensors").Where(tensor => tensor.Key != "firing"));
                old.WriteCsv("metrics.csv", run.Csv("metrics.csv"));
                old.Complete(new() { Kind = run.Kind, Name = run.Name, Recipe = run.Recipe });
            }
            Assert.Equal(activation, SparseAutoencoderFile.Read(folder["old"]).Autoencoder.Activation);
        }
    }

    /// <summary>Metadata that is not ours, and why.</summary>
    public static TheoryData<string, string?, SparseAutoencoderFileReason> Metadata => new()
    {
        { "activation", "softmax", SparseAutoencoderFileReason.UnknownArchitecture },
        { "activation", "jumpRelu", SparseAutoencoderFileReason.ThresholdMissing },
        { "activation", null, SparseAutoencoderFileReason.NotAnAutoencoder },
        { "k", null, SparseAutoencoderFileReason.KeyMissing },
        { "k", "0", SparseAutoencoderFileReason.KeyInvalid },
        { "k", "1e9", SparseAutoencoderFileReason.KeyInvalid },
        { "k", "99999999999", SparseAutoencoderFileReason.KeyInvalid },
        { "centresInput", null, SparseAutoencoderFileReason.KeyMissing },
        { "centresInput", "True", SparseAutoencoderFileReason.KeyInvalid },
    };

    [Theory]
    [MemberData(nameof(Metadata))]
    public void A_file_of_ours_that_does_not_say_what_it_is_is_refused(string key, string? value, SparseAutoencoderFileReason reason)
    {
        var autoencoder = AnyAutoencoder.Forms["topK"];
        var metadata = StoredAutoencoder.Metadata(autoencoder);
        metadata.Remove(key);
        if (value is not null) metadata[key] = value;
        Safetensors.Write(folder["sae.safetensors"], StoredAutoencoder.Tensors(autoencoder), metadata);
        Assert.Equal(reason, SaeLensFiles.Refused(folder["sae.safetensors"]).Reason);
    }

    [Theory]
    [InlineData("ae.pt")]
    [InlineData("ae.PTH")]
    [InlineData("sae.pkl")]
    [InlineData("pytorch_model.bin")]
    public void A_pickle_is_refused_with_the_line_that_converts_it(string name)
    {
        File.WriteAllBytes(folder[name], [0x80, 2, (byte)'.']);
        foreach (var path in new[] { folder[name], Path.GetDirectoryName(folder[name])! })
        {
            var error = SaeLensFiles.Refused(path);
            Assert.Equal(SparseAutoencoderFileReason.Pickle, error.Reason);
            Assert.Contains($"torch.load('{name}', map_location='cpu', weights_only=True)", error.Message);
            Assert.Contains("save_file", error.Message);
        }
    }

    [Fact]
    public void A_pickle_by_another_name_is_known_by_its_contents()
    {
        File.WriteAllBytes(folder["sae.safetensors"], [0x80, 4, (byte)'.']);
        Assert.Equal(SparseAutoencoderFileReason.Pickle, SaeLensFiles.Refused(folder["sae.safetensors"]).Reason);
        var saved = NpzBytes.Zip(   // as torch.save does
            CompressionLevel.NoCompression, ("archive/data.pkl", [0x80, 2, (byte)'.']), ("archive/data/0", new byte[8]));
        File.WriteAllBytes(folder["params.npz"], saved);
        Assert.Equal(SparseAutoencoderFileReason.Pickle, SaeLensFiles.Refused(folder["params.npz"]).Reason);
    }

    [Fact]
    public void Weights_whose_first_bytes_are_those_of_a_pickle_are_no_pickle()
    {
        // The header's length, 384 to 1408 bytes in steps of 128, may read as a pickle's protocol 1 to 5.
        var autoencoder = AnyAutoencoder.Forms["relu"];
        var seen = new HashSet<byte>();
        for (var length = 0; length < 1500; length++)
        {
            var metadata = StoredAutoencoder.Metadata(autoencoder);
            metadata["note"] = new string('x', length);
            Safetensors.Write(folder["sae.safetensors"], StoredAutoencoder.Tensors(autoencoder), metadata);
            var start = File.ReadAllBytes(folder["sae.safetensors"]);
            if (start[0] != 0x80 || !seen.Add(start[1])) continue;
            AnyAutoencoder.AssertSame(autoencoder, SparseAutoencoderFile.Read(folder["sae.safetensors"]).Autoencoder);
        }
        Assert.Superset(new HashSet<byte> { 2, 3, 4, 5 }, seen);
    }

    [Fact]
    public void What_is_none_of_the_formats_is_refused_with_those_that_are_read()
    {
        Assert.Equal(SparseAutoencoderFileReason.FileMissing, SaeLensFiles.Refused(folder["nothing"]).Reason);
        File.WriteAllText(folder["notes.txt"], "PK");
        foreach (var path in new[] { folder["notes.txt"], Path.GetDirectoryName(folder["notes.txt"])! })
        {
            var error = SaeLensFiles.Refused(path);
            Assert.Equal(SparseAutoencoderFileReason.NotAnAutoencoder, error.Reason);
            Assert.Contains("sae_weights.safetensors", error.Message);
        }
    }

    [Fact]
    public void A_run_of_another_kind_is_refused()
    {
        using (var writer = new RunFolderWriter(folder["run"]))
            writer.Complete(new() { Kind = RunKind.Toy, Name = "toy", Recipe = System.Text.Json.JsonElement.Parse("{}") });
        Assert.Equal(RunFolderReason.WrongKind, Assert.Throws<RunFolderException>(() => SparseAutoencoderFile.Read(folder["run"])).Reason);
    }

    public void Dispose() => folder.Dispose();
}

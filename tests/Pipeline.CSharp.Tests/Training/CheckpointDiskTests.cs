using Superposition.Autoencoders;
using Superposition.Storage;
using Superposition.Tests.Activations;
using Superposition.Tests.Autoencoders;
using Superposition.Tests.Storage;
using Superposition.Training;
using Xunit;

namespace Superposition.Tests.Training;

/// <summary>Checkpoints on a real disk that has no more room, or may no longer be written to.</summary>
public sealed class CheckpointDiskTests
{
    const int KibibytesOfState = 200;

    static SmallDisk Disk(int kibibytes)
    {
        var disk = SmallDisk.Of(kibibytes);
        Assert.SkipWhen(disk is null, "A disk in memory cannot be mounted here; it needs root on Linux.");
        return disk!;
    }

    static KeyValuePair<string, StoredArray>[] State(float value)
    {
        var values = new float[KibibytesOfState * 1024 / sizeof(float)];
        Array.Fill(values, value);
        return [new("W", StoredArray.Of(values, values.Length))];
    }

    static void AssertStandsAt(long step, Checkpoint checkpoint)
    {
        var saved = checkpoint.Newest();
        Assert.Equal(step, saved?.Step);
        Assert.All(saved!.Tensors["W"].ToSingles(), value => Assert.Equal(step, value));
    }

    [Fact]
    public void Where_the_disk_is_full_the_one_before_stays_whole_and_the_error_says_so()
    {
        using var disk = Disk(kibibytes: KibibytesOfState * 5 / 2);
        var checkpoint = new Checkpoint(disk["c"], "{}");
        checkpoint.Save(1, State(1));
        checkpoint.Save(2, State(2));
        var error = Assert.Throws<FileWriteException>(() => checkpoint.Save(3, State(3)));
        Assert.Equal(FileWriteReason.DiskFull, error.Reason);
        Assert.EndsWith("The checkpoint of step 2 stays whole: resume from it.", error.Message);
        Assert.Equal(2, Directory.GetFiles(disk["c"]).Length);   // nothing half-written
        AssertStandsAt(2, new(disk["c"], "{}"));

        disk.Remount($"size={KibibytesOfState * 4}k");
        checkpoint.Save(3, State(3));
        AssertStandsAt(3, new(disk["c"], "{}"));
    }

    [Fact]
    public void Where_the_first_does_not_fit_the_error_says_that_there_is_none()
    {
        using var disk = Disk(kibibytes: KibibytesOfState / 2);
        var error = Assert.Throws<FileWriteException>(() => new Checkpoint(disk["c"], "{}").Save(1, State(1)));
        Assert.Equal(FileWriteReason.DiskFull, error.Reason);
        Assert.EndsWith("There is no earlier checkpoint.", error.Message);
        Assert.Empty(Directory.GetFiles(disk["c"]));
    }

    [Fact]
    public void Where_the_folder_is_read_only_the_one_before_stays_whole_and_the_error_says_so()
    {
        using var disk = Disk(kibibytes: KibibytesOfState * 4);
        var checkpoint = new Checkpoint(disk["c"], "{}");
        checkpoint.Save(1, State(1));
        disk.Remount("ro");
        var error = Assert.Throws<FileWriteException>(() => checkpoint.Save(2, State(2)));
        Assert.Equal(FileWriteReason.AccessDenied, error.Reason);
        Assert.EndsWith("The checkpoint of step 1 stays whole: resume from it.", error.Message);
        AssertStandsAt(1, new(disk["c"], "{}"));
        disk.Remount("rw");
    }

    // Of 200 steps: a checkpoint weighs 151 KiB of the disk's 180 and the weights 39, so that either the second of them or the result does not fit.
    [Theory]
    [InlineData(50)]
    [InlineData(150)]
    public void A_training_that_filled_its_disk_goes_on_when_there_is_room(int everySteps)
    {
        using var disk = Disk(kibibytes: 180);
        using var elsewhere = new TemporaryFolder();
        NpyFile.Write(elsewhere["x.npy"], [.. Recorded.Normal(1, 100, 2).SelectMany(row => row)], 100, 2);
        var recipe = new SparseAutoencoderRecipe
        {
            Activations = new() { Npy = elsewhere["x.npy"] },
            Autoencoder = new TopKOptions { Latents = 2000, K = 2, Seed = 1, Samples = 20_000, BatchSize = 100 },
        };
        SparseAutoencoderRun.Train(recipe, elsewhere["whole"]);

        var full = Assert.Throws<FileWriteException>(() => SparseAutoencoderRun.Train(recipe, disk["a"], checkpoints: new() { EverySteps = everySteps }));
        Assert.Equal(FileWriteReason.DiskFull, full.Reason);
        Assert.EndsWith($"The checkpoint of step {everySteps} stays whole: resume from it.", full.Message);
        Assert.Equal([".a.checkpoint"], disk.Names());

        disk.Remount("size=2000k");
        SparseAutoencoderRun.Train(recipe, disk["a"], resume: true);
        Assert.Equal(elsewhere.Digests("whole"), disk.Digests("a"));
        Assert.Equal(["a"], disk.Names());
    }
}

using Superposition.Storage;
using Superposition.Tests.Storage;
using Superposition.Training;
using Xunit;

namespace Superposition.Tests.Training;

public sealed class CheckpointTests : IDisposable
{
    readonly TemporaryFolder folder = new();
    readonly List<string> skipped = [];

    public void Dispose() => folder.Dispose();

    string Path => folder["checkpoints"];

    string[] Files => Directory.Exists(Path) ? [.. Directory.GetFiles(Path).Order(StringComparer.Ordinal)] : [];

    Checkpoint Of(string recipe = "{}", CheckpointOptions? options = null) => new(Path, recipe, (options ?? new()) with { Skipped = skipped.Add });

    // What a step leaves: a matrix that says which it was.
    static KeyValuePair<string, StoredArray>[] State(long step) =>
        [new("W", StoredArray.Of([step, 2f, 3f, 4f], 2, 2)), new("steps", StoredArray.Of([step], 1))];

    static void AssertIs(long step, SavedTraining? saved)
    {
        Assert.NotNull(saved);
        Assert.Equal(step, saved.Step);
        Assert.Equal([step, 2f, 3f, 4f], saved.Tensors["W"].ToSingles());
        Assert.Equal([step], saved.Tensors["steps"].ToInt64s());
    }

    [Fact]
    public void The_newest_is_what_a_training_goes_on_from_and_so_many_are_kept()
    {
        Assert.Null(Of().Newest());
        var checkpoint = Of(options: new() { Keep = 3 });
        foreach (var step in new[] { 5, 70, 800, 9000, 10000 }) checkpoint.Save(step, State(step));
        Assert.Equal(3, Files.Length);
        AssertIs(10000, Of().Newest());
        Of().Delete();
        Assert.False(Directory.Exists(Path));
    }

    [Fact]
    public void One_that_was_cut_short_or_lost_its_name_is_told_of_and_the_one_before_it_is_taken()
    {
        var checkpoint = Of();
        checkpoint.Save(1, State(1));
        checkpoint.Save(2, State(2));
        File.WriteAllBytes(Files[1], File.ReadAllBytes(Files[1])[..^1]);
        AssertIs(1, Of().Newest());
        Assert.StartsWith($"{Files[1]} is damaged", Assert.Single(skipped));
    }

    [Fact]
    public void Damaged_ones_push_no_whole_one_out_and_go_with_the_next_that_is_saved()
    {
        var checkpoint = Of(options: new() { Keep = 1 });
        checkpoint.Save(50, State(50));
        Of(options: new() { Keep = 2 }).Save(100, State(100));
        File.WriteAllBytes(Files[1], File.ReadAllBytes(Files[1])[..^1]);
        var again = Of(options: new() { Keep = 1 });
        AssertIs(50, again.Newest());
        again.Save(60, State(60));
        Assert.Single(Files);
        AssertIs(60, Of().Newest());
    }

    [Fact]
    public void What_others_put_into_the_folder_stays()
    {
        Of().Save(1, State(1));
        var note = System.IO.Path.Combine(Path, "note.txt");
        File.WriteAllText(note, "mine");
        Of().Delete();
        Assert.Equal([note], Files);
    }

    [Fact]
    public void Every_changed_bit_is_seen() => FlipBits(500);

    [Fact, Trait("Category", "Faults")]
    public void Every_changed_bit_of_ten_thousand_is_seen() => FlipBits(10_000);

    void FlipBits(int flips)
    {
        Of().Save(7, State(7));
        var (path, random) = (Assert.Single(Files), new Random(1));
        var bytes = File.ReadAllBytes(path);
        for (var flip = 0; flip < flips; flip++)
        {
            var (at, bit) = (random.Next(bytes.Length), 1 << random.Next(8));
            bytes[at] ^= (byte)bit;
            File.WriteAllBytes(path, bytes);
            Assert.Null(Of().Newest());
            bytes[at] ^= (byte)bit;
        }
        Assert.Equal(flips, skipped.Count);
        File.WriteAllBytes(path, bytes);
        AssertIs(7, Of().Newest());
    }

    // In the order of a save: a part of the file, the whole of it without its name, its name beside one too many.
    [Fact]
    public void Killed_within_any_part_of_a_save_it_goes_on_from_the_newest_that_is_whole()
    {
        Of().Save(1, State(1));
        Of().Save(2, State(2));
        var whole = File.ReadAllBytes(Files[1]);
        var unnamed = System.IO.Path.Combine(Path, ".unnamed.0123456789abcdef0123456789abcdef.tmp");
        File.WriteAllBytes(unnamed, whole[..(whole.Length / 2)]);
        AssertIs(2, Of().Newest());
        File.WriteAllBytes(System.IO.Path.Combine(Path, "unnamed"), whole);
        AssertIs(2, Of().Newest());
        Of(options: new() { Keep = 9 }).Save(3, State(3));
        AssertIs(3, Of().Newest());

        Of().Save(4, State(4));
        AssertIs(4, Of().Newest());
        Assert.Equal(2, Files.Length);   // what the killed ones left is gone with the next that is saved
        Assert.Empty(skipped);
    }

    [Fact]
    public void A_state_that_is_not_finite_is_not_saved()
    {
        Of().Save(1, State(1));
        Of().Save(2, [new("W", StoredArray.Of([1f, float.NaN], 2))]);
        AssertIs(1, Of().Newest());
    }

    [Fact]
    public void Another_recipe_is_refused()
    {
        Of("{}").Save(1, State(1));
        Assert.Equal(RunFolderReason.OtherRecipe, Assert.Throws<RunFolderException>(() => Of("{\"Seed\":2}").Newest()).Reason);
    }

    [Fact]
    public void Where_it_cannot_be_written_the_error_says_so()
    {
        File.WriteAllText(Path, "a file where the folder should be");
        var error = Assert.Throws<FileWriteException>(() => Of().Save(1, State(1)));
        Assert.Equal(FileWriteReason.FolderUnusable, error.Reason);
    }

    [Fact]
    public void It_is_due_after_so_many_steps_and_counts_from_where_it_went_on()
    {
        var checkpoint = Of(options: new() { EverySteps = 10 });
        Assert.Equal([10, 20, 30], Enumerable.Range(1, 35).Where(step =>
        {
            if (!checkpoint.IsDue(step)) return false;
            checkpoint.Save(step, State(step));
            return true;
        }));
        var again = Of(options: new() { EverySteps = 10 });
        AssertIs(30, again.Newest());
        Assert.False(again.IsDue(31));
        Assert.True(again.IsDue(40));
        Assert.False(Of().IsDue(1_000_000));   // a minute has not gone by
        Assert.True(Of(options: new() { Every = TimeSpan.Zero }).IsDue(1));
    }

    [Fact]
    public void Options_that_cannot_be_used_are_refused_together()
    {
        var error = Assert.Throws<OptionsException>(() => Checkpoint.Beside(Path, "{}", new() { Keep = 0, EverySteps = -1, Every = TimeSpan.FromSeconds(-1) }));
        Assert.Equal(3, error.Problems.Count);
    }
}

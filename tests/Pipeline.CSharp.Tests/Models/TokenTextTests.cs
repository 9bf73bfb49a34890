using Superposition.Models;
using Superposition.Tests.Storage;
using Superposition.Training;
using Xunit;

namespace Superposition.Tests.Models;

public sealed class TokenTextTests
{
    [Theory]
    [InlineData(1000, 7, 100)]
    [InlineData(5, 8, 64)]
    [InlineData(16, 8, 4)]
    [InlineData(3, 1, 2)]
    public void Batches_hold_every_token_once_in_order_and_windows_of_one_length(int count, int window, int together)
    {
        var text = new TokenText(Enumerable.Range(0, count), window);
        var batches = text.Batches(together).ToArray();
        Assert.Equal(Enumerable.Range(0, count), batches.SelectMany(batch => batch.Cast<int>()));
        Assert.All(batches[..^1], batch => Assert.Equal(window, batch.GetLength(1)));
        Assert.All(batches, batch => Assert.True(batch.GetLength(0) == 1 || batch.Length <= together));
        Assert.Equal((count + window - 1) / window, text.Windows);
    }

    [Fact]
    public void Sampled_text_is_whole_stories_of_which_fewer_tokens_are_the_beginning()
    {
        var text = Sampled(3000);
        Assert.Equal(3000, text.Count);
        Assert.Equal(1, text[0]);
        var shorter = Sampled(1000);
        for (var r = 0; r < 1000; r++) Assert.Equal(text[r], shorter[r]);
        for (var r = 1; r < text.Count; r++) Assert.False(text[r] == 1 && text[r - 1] == 1);

        static TokenText Sampled(int count) => TokenText.Sampled(Stories.Model, count, 256, seed: 4, cancellation: TestContext.Current.CancellationToken);
    }

    [Fact]
    public void Drawing_tells_how_many_tokens_there_are()
    {
        var heard = new List<TrainingProgress>();
        TokenText.Sampled(Stories.Model, 1000, 256, seed: 4, progress: new Listener(heard), cancellation: TestContext.Current.CancellationToken);
        Assert.Equal((1000L, 1000L, null), (heard[^1].Step, heard[^1].Steps, heard[^1].Loss));
        Assert.StartsWith("tokens drawn: step 1000 of 1000, ", heard[^1].ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_not_UTF_8_is_refused()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["story.txt"], "Tom had a kite.");
        var text = TokenText.Read(Stories.Model, folder["story.txt"], 8);
        Assert.Equal(Stories.Model.Encode("Tom had a kite.").Cast<int>(), Enumerable.Range(0, text.Count).Select(r => text[r]));
        File.WriteAllBytes(folder["story.txt"], [(byte)'a', 0xC3, (byte)'b']);
        var refused = Assert.Throws<ModelFileException>(() => TokenText.Read(Stories.Model, folder["story.txt"], 8));
        Assert.Equal(ModelFileReason.NotText, refused.Reason);
    }

    sealed class Listener(List<TrainingProgress> heard) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => heard.Add(value);
    }
}

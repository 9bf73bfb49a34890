using Superposition.Models;
using Xunit;

namespace Superposition.Tests.Models;

public sealed class SamplerTests(ITestOutputHelper output)
{
    static LanguageModel Model => Stories.Model;

    /// <summary>data/README.md: drawn at 0.8, scored at 1 with the token that ends a story, whole stories cost 0.99 nats a token.</summary>
    [Fact]
    public void Its_own_stories_cost_what_they_are_known_to_cost()
    {
        var stories = Draw(new() { Texts = 256, Seed = 1 });
        var (sum, count) = (0.0, 0);
        foreach (var story in stories)
        {
            var tokens = new int[1, story.Length];
            for (var t = 0; t < story.Length; t++) tokens[0, t] = story[t];
            // A story of 512 tokens and its end would be one more than the model looks at together.
            foreach (var loss in Model.Losses(tokens)) (sum, count) = (sum + loss, count + 1);
        }
        output.WriteLine(Model.Tokenizer.Decode(stories[0]));
        output.WriteLine($"{count} tokens, {sum / count:F4} nats a token");
        Assert.InRange(count, 50_000, int.MaxValue);
        Assert.InRange(sum / count, 0.95, 1.03);
    }

    [Fact]
    public void A_text_follows_from_the_seed_and_its_number_alone()
    {
        var options = new SampleOptions { Texts = 6, MostTokens = 40, Seed = 5 };
        var texts = Draw(options);
        Assert.Equal(texts, Draw(options));
        Assert.Equal(texts[..3], Draw(options with { Texts = 3 }));
        Assert.Equal(texts, Draw(options with { BatchSize = 4 }));
        Assert.NotEqual(texts, Draw(options with { Seed = 6 }));
    }

    [Fact]
    public void At_temperature_0_each_token_is_the_likeliest()
    {
        var text = Draw(new() { Texts = 1, Temperature = 0, MostTokens = 30, Prompt = "Once upon a time", Seed = 1 })[0];
        var tokens = new int[1, text.Length];
        for (var t = 0; t < text.Length; t++) tokens[0, t] = text[t];
        using var logits = Model.Logits(tokens);
        var rows = logits.data<float>().Chunk(512).ToArray();
        for (var t = Model.Encode("Once upon a time").Length; t < text.Length; t++)
            Assert.Equal(rows[t - 1].Max(), rows[t - 1][text[t]]);
    }

    [Fact]
    public void Tokens_are_drawn_as_often_as_the_model_says()
    {
        var drawn = Draw(new() { Texts = 20_000, MostTokens = 2, Temperature = 1, BatchSize = 20_000, Seed = 3 }).CountBy(text => text[1]).ToDictionary();
        using var logits = Model.Logits(new[,] { { 1 } });
        double[] shares = [.. logits.data<float>().Select(logit => Math.Exp(logit))];
        var sum = shares.Sum();
        for (var token = 0; token < shares.Length; token++)
        {
            var p = shares[token] / sum;
            // Five standard deviations and one: a chance of one in a million for any of the 512.
            Assert.InRange(drawn.GetValueOrDefault(token) - 20_000 * p, -5 * Math.Sqrt(20_000 * p) - 1, 5 * Math.Sqrt(20_000 * p) + 1);
        }
    }

    [Fact]
    public void A_text_ends_with_the_token_that_ends_it_or_at_the_most_tokens()
    {
        foreach (var text in Draw(new() { Texts = 20, Prompt = "The end", Seed = 2 }))
        {
            Assert.Equal(1, text[0]);
            Assert.DoesNotContain(text[1..^1], token => token is 1 or 2);
            Assert.True(text[^1] is 1 or 2 || text.Length == 512);
        }
    }

    [Fact]
    public void Options_that_cannot_be_used_are_refused()
    {
        var refused = Assert.Throws<OptionsException>(() => Draw(new() { Texts = 0, Temperature = -1, MostTokens = 513, BatchSize = 0, Seed = 1 }));
        foreach (var name in new[] { "Texts", "Temperature", "MostTokens", "BatchSize" }) Assert.Contains(name, refused.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Draw(new() { Texts = 1, MostTokens = 2, Prompt = "Once upon a time", Seed = 1 }));
    }

    static int[][] Draw(SampleOptions options) => Model.Sample(options, TestContext.Current.CancellationToken);
}

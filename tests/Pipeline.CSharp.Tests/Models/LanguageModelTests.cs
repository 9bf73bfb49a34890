using Superposition.Models;
using Superposition.Tests.References;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Superposition.Tests.Models;

public sealed class LanguageModelTests(ITestOutputHelper output)
{
    static LanguageModel Model => Stories.Model;

    [Fact]
    public void Logits_of_ten_prompts_are_those_of_the_double_reference()
    {
        var reference = new LlamaReference(Model.Config, Model.Weights);
        var worst = 0.0;
        foreach (var prompt in Stories.Prompts)
        {
            var tokens = Model.Encode(prompt);
            var logits = Values(Model.Logits(tokens));
            var expected = reference.Logits([.. tokens.Cast<int>()]).SelectMany(row => row).ToArray();
            Assert.Equal(expected.Length, logits.Length);
            for (var i = 0; i < expected.Length; i++) worst = Math.Max(worst, Math.Abs(expected[i] - logits[i]));
        }
        output.WriteLine($"worst difference {worst:g3}");
        Assert.InRange(worst, 0, 1e-4);
    }

    [Theory]
    [InlineData(true, 4)]
    [InlineData(false, 4)]
    [InlineData(false, 2)]
    [InlineData(true, 1)]
    public void Random_models_of_both_rotary_layouts_and_any_grouping_agree_with_the_reference(bool adjacent, int keyValueHeads)
    {
        using var model = RandomModel.Of(new()
        {
            Dimensions = 24, Hidden = 40, Layers = 2, Heads = 4, KeyValueHeads = keyValueHeads, Vocabulary = 30, Context = 16, HeadDimensions = 8, AdjacentPairs = adjacent, RotaryBase = 500,
        });
        var tokens = new int[3, 11];
        for (var i = 0; i < 33; i++) tokens[i / 11, i % 11] = i * 7 % 30;
        var logits = Values(model.Logits(tokens));
        var reference = new LlamaReference(model.Config, model.Weights);
        var expected = Enumerable.Range(0, 3).SelectMany(b => reference.Logits([.. Enumerable.Range(0, 11).Select(t => tokens[b, t])]).SelectMany(row => row)).ToArray();
        for (var i = 0; i < expected.Length; i++) Assert.Equal(expected[i], logits[i], 1e-4);
    }

    [Fact]
    public void What_comes_later_changes_nothing_before()
    {
        var tokens = Model.Encode(Stories.Prompts[3]);
        var whole = Values(Model.Logits(tokens));
        var part = new int[1, 5];
        for (var t = 0; t < 5; t++) part[0, t] = tokens[0, t];
        var first = Values(Model.Logits(part));
        for (var i = 0; i < first.Length; i++) Assert.Equal(whole[i], first[i], 1e-4);
    }

    [Fact]
    public void Losses_are_minus_the_logarithms_of_what_the_logits_say()
    {
        var tokens = Model.Encode(Stories.Prompts[1]);
        var expected = Values(Model.Logits(tokens)).Chunk(512)
            .Select(row => row.Select(logit => (double)logit).ToArray())
            .Select((row, t) => t + 1 < tokens.Length ? Math.Log(row.Sum(Math.Exp)) - row[tokens[0, t + 1]] : 0).SkipLast(1).ToArray();
        var losses = Model.Losses(tokens).Cast<float>().ToArray();
        Assert.Equal(expected.Length, losses.Length);
        for (var t = 0; t < losses.Length; t++) Assert.Equal(expected[t], losses[t], 1e-4);
    }

    [Fact]
    public void Tokens_that_are_none_or_too_many_are_refused()
    {
        Assert.Contains("512", Assert.Throws<ArgumentException>(() => Model.Logits(new[,] { { 1, 512 } })).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Model.Logits(new[,] { { -1 } }));
        Assert.Throws<ArgumentException>(() => Model.Logits(new int[1, 0]));
        Assert.Throws<ArgumentException>(() => Model.Logits(new int[1, 513]));
        Assert.Throws<ArgumentException>(() => Model.Losses(new int[1, 1]));
    }

    [Fact]
    public void A_config_that_does_not_go_together_is_refused_with_every_problem()
    {
        var refused = Assert.Throws<OptionsException>(() => new LanguageModel(
            Model.Config with { Heads = 3, NormEpsilon = -1 }, Model.Weights, Model.Tokenizer));
        Assert.Contains("Heads", refused.Message, StringComparison.Ordinal);
        Assert.Contains("NormEpsilon", refused.Message, StringComparison.Ordinal);
    }

    static float[] Values(Tensor tensor)
    {
        using (tensor) return [.. tensor.data<float>()];
    }
}

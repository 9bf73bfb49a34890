using System.Text.Json;
using Superposition.Training;
using Xunit;

namespace Superposition.Tests.Training;

public sealed class OptimizerOptionsTests
{
    public static TheoryData<string, OptimizerOptions> Kinds => new()
    {
        { "adamW", new AdamWOptions { LearningRate = 0.01, Beta1 = 0.5, WeightDecay = 0.1, Schedule = new() { Decay = LearningRateDecay.Cosine, WarmUp = 10, Final = 0.25 } } },
        { "sgd", new SgdOptions { LearningRate = 0.5, Momentum = 0.9, Schedule = new() { Decay = LearningRateDecay.Linear } } },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Options_are_read_back_from_JSON_equal_and_of_their_kind(string kind, OptimizerOptions options)
    {
        var json = JsonSerializer.Serialize(options, OptionsJson.Settings);
        Assert.Equal(kind, JsonDocument.Parse(json).RootElement.GetProperty("kind").GetString());
        Assert.Equal(options, JsonSerializer.Deserialize<OptimizerOptions>(json, OptionsJson.Settings));
    }

    [Fact]
    public void The_kind_may_stand_anywhere_and_the_rest_be_left_out()
    {
        var found = JsonSerializer.Deserialize<OptimizerOptions>("""{ "momentum": 0.9, "schedule": { "decay": "cosine" }, "kind": "sgd" }""", OptionsJson.Settings);
        Assert.Equal(new SgdOptions { Momentum = 0.9, Schedule = new() { Decay = LearningRateDecay.Cosine } }, found);
    }

    [Theory]
    [InlineData("""{ "kind": "lion" }""")]
    [InlineData("""{ "kind": "sgd", "beta1": 0.9 }""")]
    [InlineData("""{ "kind": "adamW", "schedule": null }""")]
    public void Another_kind_or_another_kinds_key_is_refused(string json) =>
        Assert.ThrowsAny<JsonException>(() => JsonSerializer.Deserialize<OptimizerOptions>(json, OptionsJson.Settings));
}

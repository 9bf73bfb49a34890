using System.Text.Json;
using Superposition.Randomness;

namespace Superposition.Sweeps;

/// <summary>One field, drawn independently and uniformly from an interval, or log-uniformly (Bergstra and Bengio 2012).</summary>
public sealed record RandomAxis : SweepAxis
{
    const long Purpose = 0x53574545;   // apart from what else is drawn with the seed

    /// <summary>The field; one that takes any number, such as <c>model.optimizer.learningRate</c>.</summary>
    public required string Field { get; init; }

    /// <summary>Lower end; above 0 where <see cref="Logarithmic"/>.</summary>
    public required double Low { get; init; }

    /// <summary>Upper end; above <see cref="Low"/>.</summary>
    public required double High { get; init; }

    /// <summary>Whether the logarithm is uniform. Default false.</summary>
    public bool Logarithmic { get; init; }

    /// <summary>How many are drawn; at least 1.</summary>
    public required int Count { get; init; }

    /// <summary>Draw i follows from (seed, i) alone.</summary>
    public required long Seed { get; init; }

    internal override IReadOnlyList<string> Names => [Field];

    internal override int Length => Count;

    internal override IReadOnlyList<JsonElement> At(int point)
    {
        var u = CounterRandom.Uniform53(CounterRandom.At(CounterRandom.Key(Seed, Purpose), point));
        var value = Logarithmic ? Math.Exp(Math.Log(Low) + u * (Math.Log(High) - Math.Log(Low))) : Low + u * (High - Low);
        return [JsonSerializer.SerializeToElement(Math.Clamp(value, Low, High))];
    }

    internal override IEnumerable<string> Problems()
    {
        if (Count < 1) yield return $"Count is {Count}; it must be at least 1.";
        if (!(Low < High && double.IsFinite(High - Low))) yield return $"Low is {Low} and High is {High}; Low must be below High, and both finite.";
        if (Logarithmic && Low <= 0) yield return $"Low is {Low}; on a logarithmic axis it must be above 0.";
    }
}

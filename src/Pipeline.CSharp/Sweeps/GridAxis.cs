using System.Text.Json;

namespace Superposition.Sweeps;

/// <summary>One field, value after value.</summary>
public sealed record GridAxis : SweepAxis
{
    /// <summary>The field, such as <c>model.dimensions</c>.</summary>
    public required string Field { get; init; }

    /// <summary>What it is set to, at least one.</summary>
    public required IReadOnlyList<JsonElement> Values { get; init; }

    internal override IReadOnlyList<string> Names => [Field];

    internal override int Length => Values.Count;

    internal override IReadOnlyList<JsonElement> At(int point) => [Values[point]];

    internal override IEnumerable<string> Problems()
    {
        if (Values.Count == 0) yield return "Values is empty; it must hold at least one.";
    }
}

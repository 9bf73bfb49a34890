using System.Text.Json;

namespace Superposition.Sweeps;

/// <summary>Several fields that vary together, row after row.</summary>
public sealed record ListAxis : SweepAxis
{
    /// <summary>The fields, at least one.</summary>
    public required IReadOnlyList<string> Fields { get; init; }

    /// <summary>[rows] of [fields] What they are set to; at least one row.</summary>
    public required IReadOnlyList<IReadOnlyList<JsonElement>> Rows { get; init; }

    internal override IReadOnlyList<string> Names => Fields;

    internal override int Length => Rows.Count;

    internal override IReadOnlyList<JsonElement> At(int point) => Rows[point];

    internal override IEnumerable<string> Problems()
    {
        if (Fields.Count == 0) yield return "Fields is empty; it must name at least one.";
        if (Rows.Count == 0) yield return "Rows is empty; it must hold at least one.";
        for (var i = 0; i < Rows.Count; i++)
            if (Rows[i].Count != Fields.Count) yield return $"row {i} of Rows has {Rows[i].Count} values; Fields names {Fields.Count}.";
    }
}

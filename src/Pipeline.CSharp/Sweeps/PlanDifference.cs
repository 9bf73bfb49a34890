using System.Text.Json.Nodes;

namespace Superposition.Sweeps;

/// <summary>Where two plans' json differ, in words.</summary>
static class PlanDifference
{
    public static IEnumerable<string> Of(JsonNode? there, JsonNode? here, string place) => (there, here) switch
    {
        _ when JsonNode.DeepEquals(there, here) => [],
        (JsonObject a, JsonObject b) => a.Select(entry => entry.Key).Union(b.Select(entry => entry.Key))
            .SelectMany(key => Of(a[key], b[key], place.Length == 0 ? key : $"{place}.{key}")),
        (JsonArray a, JsonArray b) when a.Count == b.Count => a.Zip(b).SelectMany((pair, i) => Of(pair.First, pair.Second, $"{place}[{i}]")),
        _ => [$"{(place.Length == 0 ? "all" : place)} is {Shown(there)} there, {Shown(here)} here"],
    };

    static string Shown(JsonNode? node) => node?.ToJsonString() is not { } text ? "missing" : text.Length <= 80 ? text : $"{text[..80]}…";
}

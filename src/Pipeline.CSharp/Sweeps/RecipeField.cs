using System.Text.Json;
using System.Text.Json.Nodes;

namespace Superposition.Sweeps;

/// <summary>A place in a recipe's json, as keys with points between: <c>model.optimizer.learningRate</c>.</summary>
static class RecipeField
{
    /// <summary>All there are, those of the branches too.</summary>
    public static IEnumerable<string> All(JsonNode recipe) => recipe is JsonObject branch
        ? branch.SelectMany(entry => All(entry.Value ?? new JsonArray()).Select(below => $"{entry.Key}.{below}").Prepend(entry.Key))
        : [];

    /// <summary>A value as json on one line, however the plan breaks it.</summary>
    public static string Text(JsonElement value) =>
        value.ValueKind is JsonValueKind.Object or JsonValueKind.Array ? JsonSerializer.Serialize(value) : value.GetRawText();

    public static void Set(JsonNode recipe, string field, JsonElement value)
    {
        var keys = field.Split('.');
        var branch = keys[..^1].Aggregate(recipe, (node, key) => node[key]!);
        branch[keys[^1]] = JsonSerializer.SerializeToNode(value);
    }
}

using System.Text.Json;
using System.Text.Json.Serialization;

namespace Superposition;

/// <summary>How options stand in recipes and in <c>run.json</c>: camel case, enums by name, unknown keys refused, and null where a value must stand.</summary>
public static class OptionsJson
{
    /// <summary>The settings every recipe is read and written with.</summary>
    public static JsonSerializerOptions Settings { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        AllowOutOfOrderMetadataProperties = true,
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };
}

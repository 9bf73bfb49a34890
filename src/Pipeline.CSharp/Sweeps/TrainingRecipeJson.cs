using System.Text.Json;
using System.Text.Json.Serialization;
using Superposition.Autoencoders;
using Superposition.ToyModels;
using Superposition.Training;

namespace Superposition.Sweeps;

/// <summary>A recipe of either kind, told apart by its keys: <c>world</c> and <c>model</c>, or <c>activations</c> and <c>autoencoder</c>.</summary>
sealed class TrainingRecipeJson : JsonConverter<TrainingRecipe>
{
    public override TrainingRecipe? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var ahead = reader;
        using var recipe = JsonDocument.ParseValue(ref ahead);
        var kind = recipe.RootElement.ValueKind == JsonValueKind.Object && recipe.RootElement.TryGetProperty("activations", out _)
            ? typeof(SparseAutoencoderRecipe)
            : typeof(ToyModelRecipe);
        return (TrainingRecipe?)JsonSerializer.Deserialize(ref reader, kind, options);
    }

    public override void Write(Utf8JsonWriter writer, TrainingRecipe value, JsonSerializerOptions options) =>
        JsonSerializer.Serialize(writer, value, value.GetType(), options);
}

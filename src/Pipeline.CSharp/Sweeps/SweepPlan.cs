using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Superposition.Training;

namespace Superposition.Sweeps;

/// <summary>A base recipe and axes over its fields: every combination is a cell, numbered from 0, the last axis the fastest.</summary>
public sealed record SweepPlan
{
    const string Format = "superposition sweep 1";   // another one where the same plan would give other bytes

    /// <summary>What does not vary: a recipe of toy models (<see cref="ToyModels.ToyModelRecipe"/>) or of an autoencoder (<see cref="Autoencoders.SparseAutoencoderRecipe"/>).</summary>
    [JsonConverter(typeof(TrainingRecipeJson))]
    public required TrainingRecipe Base { get; init; }

    /// <summary>What does; none makes one cell, the base.</summary>
    public required IReadOnlyList<SweepAxis> Axes { get; init; }

    /// <summary>How many cells there are.</summary>
    /// <exception cref="OverflowException">More than 2⁶³ − 1.</exception>
    public long Cells() => Axes.Aggregate(1L, (cells, axis) => checked(cells * axis.Length));

    /// <summary>SHA-256, in hexadecimal, of all that the results follow from: the whole plan with its defaults, and the format.</summary>
    public string Hash() => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{Format}\n{ToNode().ToJsonString()}")));

    /// <summary>The fields that vary, in the order of the axes.</summary>
    public IReadOnlyList<string> Fields() => [.. Axes.SelectMany(axis => axis.Names)];

    /// <summary>[Fields] What they are in a cell.</summary>
    public IReadOnlyList<JsonElement> Values(long cell)
    {
        var values = new IReadOnlyList<JsonElement>[Axes.Count];
        for (var a = Axes.Count - 1; a >= 0; a--)
        {
            values[a] = Axes[a].At((int)(cell % Axes[a].Length));
            cell /= Axes[a].Length;
        }
        return [.. values.SelectMany(v => v)];
    }

    /// <summary>The recipe of a cell.</summary>
    /// <exception cref="JsonException">A value is not what its field takes; <see cref="Check"/> says so before.</exception>
    public TrainingRecipe Recipe(long cell)
    {
        var recipe = BaseNode();
        foreach (var (field, value) in Fields().Zip(Values(cell))) RecipeField.Set(recipe, field, value);
        return (TrainingRecipe)recipe.Deserialize(Base.GetType(), OptionsJson.Settings)!;
    }

    /// <summary>Finds that every cell can be trained.</summary>
    /// <exception cref="OptionsException">It cannot; every problem is named.</exception>
    public void Check() => OptionsException.ThrowIfAny(nameof(SweepPlan), PlanProblems.Of(this));

    internal JsonNode BaseNode() => JsonSerializer.SerializeToNode(Base, Base.GetType(), OptionsJson.Settings)!;

    internal JsonNode ToNode() => JsonSerializer.SerializeToNode(this, OptionsJson.Settings)!;
}

using System.Text.Json;

namespace Superposition.Cli;

/// <summary>A recipe as json: the options of a run with the names they have in run.json.</summary>
static class RecipeFile
{
    /// <exception cref="InputException">The file is no such recipe; the message names the line and the place in it.</exception>
    public static TRecipe Read<TRecipe>(string path) where TRecipe : class
    {
        using var stream = File.OpenRead(path);
        return Read<TRecipe>(stream, path);
    }

    /// <inheritdoc cref="Read{TRecipe}(string)"/>
    public static TRecipe Read<TRecipe>(Stream stream, string path) where TRecipe : class
    {
        try
        {
            return JsonSerializer.Deserialize<TRecipe>(stream, OptionsJson.Settings)
                ?? throw new InputException($"{path}: expected a recipe, found null.");
        }
        catch (JsonException error)
        {
            throw new InputException($"{path}{Place(error)}: {Sentence(error)} {Advice}", error);
        }
        catch (NotSupportedException error)   // a type that is chosen by a key which is not there
        {
            throw new InputException($"{path}: {error.Message.Split(" Path: ")[0]} {Advice}", error);
        }
    }

    const string Advice = "The recipe in the run.json of any run shows how it must look.";

    static string Place(JsonException error) =>
        (error.LineNumber is { } line ? $", line {line + 1}" : "") + (error.Path is { Length: > 1 } at ? $", {at}" : "");

    // The serializer ends its messages with place and position, which have been said.
    static string Sentence(JsonException error) => error.Message.Split(" Path: ")[0].Split(" LineNumber: ")[0];
}

using System.Text;
using System.Text.Json;
using Superposition.Activations;
using Superposition.Autoencoders;
using Superposition.Cli;
using Superposition.Features;
using Superposition.Storage;
using Superposition.ToyModels;

namespace Superposition.Tests.Hostile;

/// <summary>Our own texts: recipes, run.json, tables.</summary>
static class JsonFormats
{
    static readonly ToyModelRecipe Toy = new()
    {
        World = new() { Features = 5, Density = PerFeature.Zipf(0.3, 1), Seed = 1 },
        Model = new() { Dimensions = 2, Seed = 2, Importance = PerFeature.Powers(0.7), Instances = 3 },
    };

    static readonly SparseAutoencoderRecipe Sae = new()
    {
        Activations = new() { Synthetic = new() { Features = 5, Dimensions = 2, Seed = 1 } },
        Autoencoder = new TopKOptions { Latents = 8, K = 2, Seed = 3 },
    };

    static readonly string[] Recipes = [JsonSerializer.Serialize(Toy, OptionsJson.Settings), JsonSerializer.Serialize(Sae, OptionsJson.Settings)];

    public static FuzzedFormat ToyRecipe => Recipe<ToyModelRecipe>("recipe of a toy model", Recipes[0]);

    public static FuzzedFormat SaeRecipe => Recipe<SparseAutoencoderRecipe>("recipe of an autoencoder", Recipes[1]);

    public static FuzzedFormat Manifest => new("run.json", OfText(ManifestText()), bytes => RunManifestJson.Parse(bytes, "run.json"), error => (error as RunFolderException)?.Reason.ToString());

    public static FuzzedFormat Table => new("csv", [.. Tables.SelectMany(OfText)], bytes =>
    {
        var table = CsvTable.Parse(CsvText.Of(bytes, "x"), "x");
        if (table.Columns.Contains("measured")) Claims.OfTable(table);
        else table.Numbers(table.Columns[0]);
    }, error => (error as CsvException)?.Reason.ToString());

    static string[] Tables =>
    [
        "step,loss\n1,0.5\n2,NaN\n3,\"0.25\"\n",
        "a\r\n\"x \"\"y\"\", z\"\r\n\"\"\r\n",
        Claims.ToTable([new("E1.x", "a, \"b\"", 0.4, 0.3, double.NaN, 3, "0.4", 0.1, Verdict.Reproduced, "TMS")]).ToString(),
    ];

    static FuzzedFormat Recipe<TRecipe>(string name, string json) where TRecipe : class =>
        new(name, OfText(json), bytes => RecipeFile.Read<TRecipe>(new MemoryStream(bytes), "x"), error => (error as InputException)?.GetType().Name);

    static string ManifestText()
    {
        using var stream = new MemoryStream();
        RunManifestJson.Write(stream,
            new() { Kind = RunKind.Toy, Name = "toy", Recipe = JsonSerializer.SerializeToElement(Toy, OptionsJson.Settings) },
            [KeyValuePair.Create("weights.safetensors", new RunFile(new string('a', 64), 12)), KeyValuePair.Create("metrics.csv", new RunFile(new string('b', 64), 0))]);
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    static Damage[] OfText(string sound) => [TextDamage.Of(sound), TextDamage.Of(sound), ByteDamage.Of(Encoding.UTF8.GetBytes(sound))];
}

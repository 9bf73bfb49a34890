using System.Runtime.CompilerServices;
using Superposition.Models;

namespace Superposition.Tests.Models;

/// <summary>stories260K of data/, read once.</summary>
static class Stories
{
    static readonly Lazy<LanguageModel> Loaded = new(() => LanguageModel.Load(Folder));

    public static LanguageModel Model => Loaded.Value;

    public static string Folder => Path.Combine(Path.GetDirectoryName(Source())!, "..", "..", "..", "data", "stories260k");

    /// <summary>Ten prompts, of one token and of many, whole and cut within a word.</summary>
    public static readonly string[] Prompts =
    [
        "", "Once upon a time", "Lily", "The little dog ran to the park and saw a big", "\"No!\" said Tom.", "Mom, can I have some ice crea",
        "One day, a bird named Max\nflew away. He", "She was very sad because", "a", "Ben and Mia like to play with their toys. They have a car, a ball and a doll. One day Ben",
    ];

    static string Source([CallerFilePath] string path = "") => path;
}

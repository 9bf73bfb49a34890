using Superposition.Features;
using Superposition.ToyModels;

namespace Superposition.Cli;

/// <summary>The models of Toy Models of Superposition by the names they have on the command line.</summary>
static class PaperModels
{
    public const string Default = "relu-output";
    const string Absolute = "absolute";

    static readonly Dictionary<string, ToyArchitecture> Architectures = new()
    {
        [Default] = ToyArchitecture.ReluOutput,
        ["linear"] = ToyArchitecture.Linear,
        ["relu-hidden"] = ToyArchitecture.ReluHidden,
        [Absolute] = ToyArchitecture.Computing,
    };

    public static IReadOnlyCollection<string> Names => Architectures.Keys;

    /// <summary>The recipe with another architecture; absolute values are asked for of features that may be negative.</summary>
    public static ToyModelRecipe Set(ToyModelRecipe recipe, string name)
    {
        var model = recipe.Model with { Architecture = Architectures[name] };
        return name == Absolute
            ? new() { World = recipe.World with { Values = new UniformValues(-1, 1) }, Model = model with { Target = new() { Function = TargetFunction.Absolute } } }
            : recipe with { Model = model };
    }
}

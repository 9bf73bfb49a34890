using Superposition.Features;

namespace Superposition.ToyModels;

/// <summary>Everything a toy-model run follows from; what <c>run.json</c> holds and <c>superposition toy</c> reads.</summary>
public sealed record ToyModelRecipe
{
    /// <summary>The world.</summary>
    public required SparseFeatureOptions World { get; init; }

    /// <summary>The model and its training.</summary>
    public required ToyModelOptions Model { get; init; }
}

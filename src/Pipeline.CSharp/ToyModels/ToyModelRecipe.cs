using Superposition.Features;
using Superposition.Training;

namespace Superposition.ToyModels;

/// <summary>Everything a toy-model run follows from; what <c>run.json</c> holds and <c>superposition toy</c> reads.</summary>
public sealed record ToyModelRecipe : TrainingRecipe
{
    /// <summary>The world.</summary>
    public required SparseFeatureOptions World { get; init; }

    /// <summary>The model and its training.</summary>
    public required ToyModelOptions Model { get; init; }

    internal override long Seed => Model.Seed;

    internal override IEnumerable<string> Problems()
    {
        if (World.Rows == 0) yield return "Rows is 0; there is nothing to train on.";
        foreach (var problem in World.Problems().Concat(Model.Problems(World.Features))) yield return problem;
    }
}

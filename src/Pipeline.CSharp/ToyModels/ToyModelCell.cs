namespace Superposition.ToyModels;

/// <summary>What became of one cell of a grid.</summary>
/// <param name="Recipe">The cell.</param>
/// <param name="Instances">The instances kept, in order of their numbers; none if all diverged.</param>
/// <param name="Kept">[Instances] Their numbers, from 0.</param>
/// <param name="Diverged">The numbers of those whose loss stopped being finite; they are never kept.</param>
/// <param name="History">Of all instances, kept or not.</param>
public sealed record ToyModelCell(
    ToyModelRecipe Recipe, IReadOnlyList<ToyModel> Instances, IReadOnlyList<int> Kept, IReadOnlyList<int> Diverged, ToyModelHistory History)
{
    /// <summary>The instance with the lowest evaluation loss.</summary>
    /// <exception cref="InvalidOperationException">All instances diverged.</exception>
    public ToyModel Best => Instances.MinBy(model => model.Loss)
        ?? throw new InvalidOperationException("All instances of the cell diverged; lower the learning rate, or look at the data's scale.");
}

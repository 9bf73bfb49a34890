using Superposition.ToyModels;
using Superposition.Training;

namespace Superposition.Sweeps;

/// <summary>Cells of toy models, side by side in the fused engine where their shapes agree.</summary>
sealed class ToyModelCells : CellTrainer
{
    /// <summary>The lowest evaluation loss of its instances, whose that is (from 0), and how many diverged.</summary>
    public override IReadOnlyList<string> Measures => ["loss", "instance", "diverged"];

    public override int Batch => 16;

    public override IReadOnlyList<CellOutcome> Train(
        IReadOnlyList<TrainingRecipe> recipes, Func<int, Checkpoint> checkpoint, CancellationToken cancellation) =>
        [.. ToyModelGrid.Train([.. recipes.Cast<ToyModelRecipe>()], new() { Cancellation = cancellation, Checkpoint = checkpoint }).Select(Outcome)];

    static CellOutcome Outcome(ToyModelCell trained)
    {
        if (trained.Instances.Count == 0) return new([null, null, trained.Diverged.Count], "All instances diverged.");
        var best = Enumerable.Range(0, trained.Instances.Count).MinBy(i => trained.Instances[i].Loss);
        return new([trained.Instances[best].Loss, trained.Kept[best], trained.Diverged.Count]);
    }
}

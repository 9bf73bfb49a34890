using Superposition.Autoencoders;
using Superposition.ToyModels;
using Superposition.Training;

namespace Superposition.Sweeps;

/// <summary>How cells of one kind of recipe are trained, and what is measured of them.</summary>
abstract class CellTrainer : IDisposable
{
    /// <summary>That of a plan.</summary>
    public static CellTrainer Of(SweepPlan plan) => plan.Base switch
    {
        ToyModelRecipe => new ToyModelCells(),
        SparseAutoencoderRecipe => new AutoencoderCells(),
        _ => throw new NotSupportedException($"Nobody trains a {plan.Base.GetType().Name}."),
    };

    /// <summary>The names of what is measured: columns of the table.</summary>
    public abstract IReadOnlyList<string> Measures { get; }

    /// <summary>How many are trained together.</summary>
    public abstract int Batch { get; }

    /// <summary>[cells] Trains some, each from its checkpoint where it left one.</summary>
    /// <param name="recipes">[cells] Theirs; at most <see cref="Batch"/>.</param>
    /// <param name="checkpoint">Where the cell of a recipe is saved; nobody deletes it here.</param>
    /// <param name="cancellation">Stops it; what is under way leaves checkpoints.</param>
    public abstract IReadOnlyList<CellOutcome> Train(
        IReadOnlyList<TrainingRecipe> recipes, Func<int, Checkpoint> checkpoint, CancellationToken cancellation);

    /// <summary>Lets go of what cells share.</summary>
    public virtual void Dispose()
    {
    }
}

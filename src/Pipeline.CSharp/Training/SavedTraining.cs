using Superposition.Storage;

namespace Superposition.Training;

/// <summary>What a checkpoint holds. Who loads one reads all of it before anything of its own is changed.</summary>
/// <param name="Step">Steps that were done.</param>
/// <param name="Tensors">All that the next one depends on, by name; one that is missing or of another shape is refused with its name.</param>
internal sealed record SavedTraining(long Step, SafetensorsFile Tensors)
{
    /// <summary>The tensors whose names begin so, without that.</summary>
    public SavedTraining Part(string prefix) => new(Step, Tensors.Part(prefix));
}

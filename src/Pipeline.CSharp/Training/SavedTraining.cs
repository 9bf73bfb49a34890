using Superposition.Storage;

namespace Superposition.Training;

/// <summary>What a checkpoint holds.</summary>
/// <param name="Step">Steps that were done.</param>
/// <param name="Tensors">All that the next one depends on, by name.</param>
internal sealed record SavedTraining(long Step, IReadOnlyDictionary<string, StoredArray> Tensors)
{
    /// <summary>The tensors whose names begin so, without that.</summary>
    public SavedTraining Part(string prefix) => new(Step, Tensors
        .Where(tensor => tensor.Key.StartsWith(prefix, StringComparison.Ordinal))
        .ToDictionary(tensor => tensor.Key[prefix.Length..], tensor => tensor.Value));
}

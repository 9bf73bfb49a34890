namespace Superposition.Activations;

/// <summary>
/// The directions of the features, E [n, d], and the bias b [d] of x = a E + b. Rows are random directions, which Adam may first turn
/// away from each other.
/// </summary>
public sealed record DictionaryOptions
{
    /// <summary>Steps of Adam on Σ_{i≠j} ⟨e_i, e_j⟩² + n Σ_i (‖e_i‖² − 1)²; 0 or more. Default 100, of SynthSAEBench-16k.</summary>
    public int OrthogonalSteps { get; init; } = 100;

    /// <summary>Adam's step; above 0. Default 3e-4, of SynthSAEBench-16k.</summary>
    public double LearningRate { get; init; } = 3e-4;

    /// <summary>‖b‖, its direction random; at least 0. Default 0.5, of SynthSAEBench-16k.</summary>
    public double BiasNorm { get; init; } = 0.5;

    internal IEnumerable<string> Problems()
    {
        if (OrthogonalSteps < 0) yield return $"Dictionary.OrthogonalSteps is {OrthogonalSteps}; it must not be negative.";
        if (!(LearningRate > 0 && double.IsFinite(LearningRate)))
            yield return $"Dictionary.LearningRate is {LearningRate}; it must be a finite number above 0.";
        if (!(BiasNorm >= 0 && double.IsFinite(BiasNorm)))
            yield return $"Dictionary.BiasNorm is {BiasNorm}; it must be a finite number, at least 0.";
    }
}

using System.Text.Json.Serialization;

namespace Superposition.Features;

/// <summary>
/// Which features are active together. Density p_i remains P(feature i is active) whatever the dependence, and the values of active
/// features remain independent of each other and of what is active.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(CorrelatedSets), "correlatedSets")]
[JsonDerivedType(typeof(AnticorrelatedSets), "anticorrelatedSets")]
[JsonDerivedType(typeof(NestedFeatures), "nested")]
[JsonDerivedType(typeof(GaussianCopula), "gaussianCopula")]
public abstract record Dependence
{
    private protected Dependence() { }

    /// <summary>One sentence for each thing that makes it impossible for features of these densities (p: [n], in [0, 1]).</summary>
    internal abstract IEnumerable<string> Problems(double[] p);

    /// <summary>[n, n] P(feature i and feature j are active).</summary>
    internal abstract double[,] CoOccurrence(double[] p);

    /// <summary>Draws which features are active.</summary>
    internal abstract FeatureMasks Masks(double[] p);
}

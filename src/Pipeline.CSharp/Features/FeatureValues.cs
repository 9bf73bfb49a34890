using System.Text.Json.Serialization;

namespace Superposition.Features;

/// <summary>
/// What value a feature takes when it is active, given as a quantile function so that one uniform draw makes one value.
/// Derive a sealed record to add a distribution.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(UniformValues), "uniform")]
[JsonDerivedType(typeof(BinaryValues), "binary")]
[JsonDerivedType(typeof(DiscreteValues), "discrete")]
[JsonDerivedType(typeof(ExponentialValues), "exponential")]
public abstract record FeatureValues
{
    /// <summary>The value at quantile u, u in (0, 1].</summary>
    public abstract float Quantile(float u);

    /// <summary>Slope and offset of the quantile function where it is a line, so that vectors of values can be drawn; null elsewhere.</summary>
    internal virtual (float Slope, float Offset)? Line => null;

    /// <summary>E[v] of an active feature.</summary>
    [JsonIgnore] public abstract double Mean { get; }

    /// <summary>E[v²] of an active feature.</summary>
    [JsonIgnore] public abstract double MeanSquare { get; }

    /// <summary>One sentence for each thing that makes this distribution unusable.</summary>
    protected internal virtual IEnumerable<string> Problems() => [];
}

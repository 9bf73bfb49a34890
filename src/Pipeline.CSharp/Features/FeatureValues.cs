using System.Text.Json.Serialization;

namespace Superposition.Features;

/// <summary>
/// What value a feature takes when it is active, given as a quantile function so that one uniform draw makes one value.
/// Derive a sealed record to add a distribution.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(UniformValues), "uniform")]
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

/// <summary>Uniform on [Low, High]; [0, 1] in Toy Models of Superposition, [−1, 1] in its absolute-value model.</summary>
public sealed record UniformValues(float Low = 0, float High = 1) : FeatureValues
{
    /// <inheritdoc/>
    public override float Quantile(float u) => MathF.FusedMultiplyAdd(High - Low, u, Low);

    internal override (float Slope, float Offset)? Line => (High - Low, Low);

    /// <inheritdoc/>
    [JsonIgnore] public override double Mean => (Low + (double)High) / 2;

    /// <inheritdoc/>
    [JsonIgnore] public override double MeanSquare => (Low * (double)Low + Low * (double)High + High * (double)High) / 3;

    /// <inheritdoc/>
    protected internal override IEnumerable<string> Problems()
    {
        if (!(float.IsFinite(Low) && float.IsFinite(High) && Low <= High))
            yield return $"Values are uniform on [{Low}, {High}]; the bounds must be finite and in order.";
    }
}

using System.Text.Json.Serialization;

namespace Superposition.Features;

/// <summary>v = −Mean · ln(1 − u): most active features are weak, a few are strong.</summary>
/// <param name="Mean">E[v], finite and above 0.</param>
public sealed record ExponentialValues(double Mean = 1) : FeatureValues
{
    const double HalfStep = 1.0 / (1 << 25);   // half of what lies between the largest u below 1 and 1

    /// <inheritdoc/>
    public override double Mean { get; } = Mean;

    /// <inheritdoc/>
    /// <remarks>Finite at u = 1, where 1 − u counts as half a step of u.</remarks>
    public override float Quantile(float u) => (float)(-Mean * Math.Log(Math.Max(1.0 - u, HalfStep)));

    /// <inheritdoc/>
    [JsonIgnore] public override double MeanSquare => 2 * Mean * Mean;

    /// <inheritdoc/>
    protected internal override IEnumerable<string> Problems()
    {
        if (!(double.IsFinite(Mean) && Mean > 0)) yield return $"Values are exponential with mean {Mean}; it must be finite and above 0.";
    }
}

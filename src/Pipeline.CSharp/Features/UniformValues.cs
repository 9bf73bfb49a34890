using System.Text.Json.Serialization;

namespace Superposition.Features;

/// <summary>Uniform on [Low, High]; [0, 1] in Toy Models of Superposition, [−1, 1] in its absolute-value model.</summary>
public sealed record UniformValues(float Low = 0, float High = 1) : FeatureValues
{
    /// <inheritdoc/>
    /// <remarks>Fused, so that a vector of draws and a single one agree to the bit.</remarks>
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

using System.Text.Json.Serialization;

namespace Superposition.Features;

/// <summary>An active feature always has the same value; then a row is a set of features.</summary>
public sealed record BinaryValues(float Value = 1) : FeatureValues
{
    /// <inheritdoc/>
    public override float Quantile(float u) => Value;

    internal override (float Slope, float Offset)? Line => (0, Value);

    /// <inheritdoc/>
    [JsonIgnore] public override double Mean => Value;

    /// <inheritdoc/>
    [JsonIgnore] public override double MeanSquare => Value * (double)Value;

    /// <inheritdoc/>
    protected internal override IEnumerable<string> Problems()
    {
        if (!float.IsFinite(Value)) yield return $"Values are always {Value}; the value must be finite.";
    }
}

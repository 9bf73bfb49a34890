using System.Text.Json.Serialization;

namespace Superposition.Features;

/// <summary>One of a few levels, each equally likely; a level listed twice is twice as likely.</summary>
/// <param name="Levels">Finite, ascending, at least one.</param>
public sealed record DiscreteValues(params float[] Levels) : FeatureValues
{
    /// <inheritdoc/>
    public override float Quantile(float u) => Levels[(int)MathF.Ceiling(u * Levels.Length) - 1];

    /// <inheritdoc/>
    [JsonIgnore] public override double Mean => Levels.Average(level => (double)level);

    /// <inheritdoc/>
    [JsonIgnore] public override double MeanSquare => Levels.Average(level => level * (double)level);

    /// <inheritdoc/>
    protected internal override IEnumerable<string> Problems()
    {
        if (Levels.Length == 0) yield return "Values have no levels; list at least one.";
        for (var l = 0; l < Levels.Length; l++)
            if (!float.IsFinite(Levels[l]) || (l > 0 && Levels[l] < Levels[l - 1]))
            {
                yield return $"Values have the levels {string.Join(", ", Levels)}; they must be finite and ascending.";
                yield break;
            }
    }

    /// <inheritdoc/>
    public bool Equals(DiscreteValues? other) => other is not null && Levels.AsSpan().SequenceEqual(other.Levels);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Levels.Length, Levels.FirstOrDefault(), Levels.LastOrDefault());
}

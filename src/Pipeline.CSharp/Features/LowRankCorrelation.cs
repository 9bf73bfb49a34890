namespace Superposition.Features;

/// <summary>
/// Which features fire together, by a Gaussian copula of low rank r: g = F ε + √δ ∘ η with ε [r] and η [n] standard normal and
/// δ_i = 1 − ‖F_i‖²; feature i fires when g_i &gt; Φ⁻¹(1 − p_i). Each still fires with p_i, and a row costs n·r, not n².
/// </summary>
public sealed record LowRankCorrelation
{
    /// <summary>r, at least 1. Default 25, of SynthSAEBench-16k.</summary>
    public int Rank { get; init; } = 25;

    /// <summary>Standard deviation of F's entries, at least 0; a row longer than √0.99 is shortened to it. Default 0.1.</summary>
    public double Scale { get; init; } = 0.1;

    internal IEnumerable<string> Problems()
    {
        if (Rank < 1) yield return $"Correlation.Rank is {Rank}; it must be at least 1.";
        if (!(Scale >= 0 && double.IsFinite(Scale))) yield return $"Correlation.Scale is {Scale}; it must be a finite number, at least 0.";
    }
}

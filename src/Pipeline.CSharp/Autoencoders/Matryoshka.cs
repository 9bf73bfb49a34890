namespace Superposition.Autoencoders;

/// <summary>
/// Matryoshka: BatchTopK over the whole dictionary, whose nested prefixes must each reconstruct x as well, so that the first latents
/// learn what is general and are not absorbed by the later ones (Bussmann et al. 2025, "Learning Multi-Level Features with Matryoshka
/// Sparse Autoencoders"). Loss Σ_levels ‖x − x̂_level‖² with weight 1 each (SAELens matryoshka_batchtopk_sae.py), and AuxK.
/// </summary>
public sealed record MatryoshkaOptions : SelectingOptions
{
    /// <summary>k, mean latents kept a sample; above 0 and at most m, may be fractional.</summary>
    public required double K { get; init; }

    /// <summary>Where the nested prefixes end, ascending; the last is m.</summary>
    public required IReadOnlyList<int> Widths { get; init; }

    /// <summary>Whether each level's dead latents try at the residual of their own prefix (SAELens use_matryoshka_aux_loss). True by default.</summary>
    public bool AuxiliaryByLevel { get; init; } = true;

    /// <inheritdoc/>
    public override SparseAutoencoderOptions ForL0(double target) => this with { K = target };

    internal override Architecture Architecture => new BatchTopK(this, K, Widths, AuxiliaryByLevel);

    /// <inheritdoc/>
    public bool Equals(MatryoshkaOptions? other) =>
        base.Equals(other) && K == other.K && AuxiliaryByLevel == other.AuxiliaryByLevel && Widths.SequenceEqual(other.Widths);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(base.GetHashCode(), K, AuxiliaryByLevel);

    internal override IEnumerable<string> Problems()
    {
        foreach (var problem in base.Problems()) yield return problem;
        foreach (var problem in TargetProblems(nameof(K), K)) yield return problem;
        if (Widths.Count == 0 || Widths[^1] != Latents || Widths[0] < 1 || Widths.Zip(Widths.Skip(1)).Any(pair => pair.First >= pair.Second))
            yield return $"Widths are {string.Join(", ", Widths)}; they must ascend from at least 1 and end at Latents = {Latents}.";
    }
}

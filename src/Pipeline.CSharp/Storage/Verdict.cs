namespace Superposition.Storage;

/// <summary>Whether a measurement agrees with what was expected; in claims.csv reproduced or not-reproduced.</summary>
public enum Verdict
{
    /// <summary>It does, within the tolerance.</summary>
    Reproduced,

    /// <summary>It does not.</summary>
    NotReproduced,
}

using System.Numerics;
using System.Runtime.InteropServices;
using Superposition.Randomness;

namespace Superposition.Features;

/// <summary>
/// Feature i is active when z_i &lt; Φ⁻¹(p_i), z normal with the given correlations (as Sharkey, Braun and Millidge 2022, "Taking
/// features out of superposition with sparse autoencoders", correlate theirs). The features' own correlations are weaker, the more
/// so the sparser they are: see <see cref="WorldStatistics.CoOccurrence"/>.
/// </summary>
/// <param name="Correlation">[n][n] Of z: symmetric, 1 on the diagonal, positive semi-definite; all within 1e-5.</param>
public sealed record GaussianCopula(double[][] Correlation) : Dependence
{
    internal override IEnumerable<string> Problems(double[] p)
    {
        if (Correlation.Length != p.Length || Correlation.Any(row => row?.Length != p.Length))
        {
            var lengths = string.Join(", ", Correlation.Select(row => row?.Length ?? 0).Distinct());
            yield return $"Correlation has {Correlation.Length} rows of {lengths} entries; "
                + $"it must be [{p.Length}][{p.Length}], a row and an entry for each feature.";
            yield break;
        }
        if (EntryProblem() is { } wrong) yield return wrong;
        else if (CorrelationFactor.Of(Correlation).Problem is { } indefinite)
            yield return $"Correlation is not positive semi-definite: {indefinite}; no normal variates are so correlated.";
    }

    internal override double[,] CoOccurrence(double[] p)
    {
        var factor = CorrelationFactor.Of(Correlation);
        var rows = new int[p.Length];
        for (var r = 0; r < p.Length; r++) rows[factor.Features[r]] = r;
        return Symmetric.Of(p.Length, (i, j) => i == j ? p[i] : BivariateNormal.Below(p[i], p[j], Drawn(factor, rows[i], rows[j])));
    }

    internal override FeatureMasks Masks(double[] p) => new CopulaMasks(CorrelationFactor.Of(Correlation), p);

    /// <inheritdoc/>
    public bool Equals(GaussianCopula? other) => other is not null && Correlation.Length == other.Correlation.Length
        && Correlation.Zip(other.Correlation).All(rows => rows.First.AsSpan().SequenceEqual(rows.Second));

    /// <inheritdoc/>
    public override int GetHashCode() =>
        Correlation.Aggregate(Correlation.Length, (hash, row) => row.Aggregate(hash, HashCode.Combine));

    string? EntryProblem()
    {
        for (var i = 0; i < Correlation.Length; i++)
            for (var j = 0; j <= i; j++)
            {
                var (entry, mirrored) = (Correlation[i][j], Correlation[j][i]);
                if (!double.IsFinite(entry) || !double.IsFinite(mirrored))
                    return $"Correlation of features {i} and {j} is {entry} and {mirrored}; it must be finite.";
                if (i == j && Math.Abs(entry - 1) > CorrelationFactor.Tolerance)
                    return $"Correlation of feature {i} with itself is {entry}; it must be 1.";
                if (Math.Abs(entry - mirrored) > CorrelationFactor.Tolerance)
                    return $"Correlation is {entry} at [{i}][{j}] and {mirrored} at [{j}][{i}]; it must be symmetric.";
            }
        return null;
    }

    // LLᵀ, which is Correlation but for its rounding.
    static double Drawn(CorrelationFactor factor, int a, int b)
    {
        var sum = 0.0;
        for (var c = 0; c < Math.Min(factor.Rank, Math.Min(a, b) + 1); c++) sum += factor[a, c] * factor[b, c];
        return sum;
    }

    sealed class CopulaMasks : FeatureMasks
    {
        readonly int[] features;      // of each row of L
        readonly float[][] columns;   // column c of L from row c on
        readonly float[] below;       // [n] Φ⁻¹(p) of each row

        public CopulaMasks(CorrelationFactor factor, double[] p)
        {
            features = [.. factor.Features];
            columns = [.. Enumerable.Range(0, factor.Rank).Select(c =>
                Enumerable.Range(c, p.Length - c).Select(row => (float)factor[row, c]).ToArray())];
            below = [.. features.Select(i => (float)StandardNormal.Quantile(p[i]))];
        }

        public override void Draw(ulong rowKey, Span<int> on, Span<float> z)
        {
            var normals = MemoryMarshal.Cast<int, float>(on);   // until the masks take their place
            for (var c = 0; c < columns.Length; c++) normals[c] = Normal(CounterRandom.At(rowKey, c));
            z.Clear();
            for (var c = 0; c < columns.Length; c++) AddMultiple(columns[c], normals[c], z[c..]);
            for (var r = 0; r < features.Length; r++) on[features[r]] = z[r] < below[r] ? 1 : 0;
        }

        // z += column · normal, fused, so that every width of vector rounds alike.
        static void AddMultiple(float[] column, float normal, Span<float> z)
        {
            var done = 0;
            var all = new Vector<float>(normal);
            for (; done <= column.Length - Vector<float>.Count; done += Vector<float>.Count)
                Vector.FusedMultiplyAdd(new(column, done), all, new(z[done..])).CopyTo(z[done..]);
            for (; done < column.Length; done++) z[done] = MathF.FusedMultiplyAdd(column[done], normal, z[done]);
        }

        // The middle of one of 2⁵² equal parts of (0, 1), so never infinite.
        static float Normal(ulong bits) => (float)StandardNormal.Quantile(((bits >> 12) + 0.5) * (1.0 / (1L << 52)));
    }
}

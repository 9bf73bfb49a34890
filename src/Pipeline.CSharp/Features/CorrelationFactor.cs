namespace Superposition.Features;

/// <summary>
/// L of a correlation matrix LLᵀ, by Cholesky's method with the largest remaining pivot first, which stops at the matrix's rank
/// (Higham 2002, "Accuracy and Stability of Numerical Algorithms", §10.3). Then z = L e has the correlations if e is white.
/// </summary>
internal sealed class CorrelationFactor
{
    /// <summary>How far off an entry or below 0 an eigenvalue may be, as in single precision or print.</summary>
    public const double Tolerance = 1e-5;

    const double Nothing = 1e-14;     // a pivot that is rounding
    const double Rounding = 1e-10;    // of what such pivots leave

    // What is added to the diagonal of a matrix that rounding has made indefinite.
    static readonly double[] Shifts = [1e-8, 1e-7, 1e-6, Tolerance];

    readonly int[] order;         // feature of each row of L
    readonly double[,] lower;     // [n, n] L, columns from the rank on empty

    CorrelationFactor(double[][] correlation, double shift)
    {
        var n = correlation.Length;
        var left = Symmetric.Of(n, (i, j) => i == j ? 1 : correlation[i][j] / (1 + shift));   // what is not yet explained, by feature
        lower = new double[n, n];
        order = [.. Enumerable.Range(0, n)];
        for (Rank = 0; Rank < n; Rank++)
        {
            var best = Enumerable.Range(Rank, n - Rank).MaxBy(r => left[order[r], order[r]]);
            var pivot = left[order[best], order[best]];
            if (pivot <= Nothing) break;
            Bring(best);
            Eliminate(left, Math.Sqrt(pivot));
        }
        for (var r = Rank; r < n; r++)
            for (var s = Rank; s < r; s++) Check(left, order[r], order[s]);   // what has no variance must not covary
        for (var r = 0; r < n; r++) Normalise(r);
    }

    /// <summary>
    /// The factor of the lower triangle C, the diagonal counting as 1, or, where rounding left C a little indefinite, of the first
    /// (C + εI) / (1 + ε), ε up to the tolerance, that is not.
    /// </summary>
    public static CorrelationFactor Of(double[][] correlation)
    {
        var exact = new CorrelationFactor(correlation, shift: 0);
        return exact.Problem is null
            ? exact
            : Shifts.Select(shift => new CorrelationFactor(correlation, shift)).FirstOrDefault(factor => factor.Problem is null) ?? exact;
    }

    /// <summary>r, how many columns of L are used.</summary>
    public int Rank { get; private set; }

    /// <summary>[n] The feature of each row of L; column c is empty above row c.</summary>
    public IReadOnlyList<int> Features => order;

    /// <summary>Why it cannot be factored: what is left of two features has a negative eigenvalue; null if it can.</summary>
    public string? Problem { get; private set; }

    /// <summary>L[row, column].</summary>
    public double this[int row, int column] => lower[row, column];

    void Bring(int best)
    {
        (order[Rank], order[best]) = (order[best], order[Rank]);
        for (var c = 0; c < Rank; c++) (lower[Rank, c], lower[best, c]) = (lower[best, c], lower[Rank, c]);
    }

    void Eliminate(double[,] left, double root)
    {
        var n = order.Length;
        var a = order[Rank];
        for (var r = Rank; r < n; r++)
        {
            var b = order[r];
            var most = root * Math.Sqrt(left[b, b]);
            Check(left, a, b);
            lower[r, Rank] = Math.Clamp(left[b, a], -most, most) / root;
        }
        for (var r = Rank + 1; r < n; r++)
        {
            for (var s = Rank + 1; s < r; s++)
                left[order[r], order[s]] = left[order[s], order[r]] -= lower[r, Rank] * lower[s, Rank];
            left[order[r], order[r]] = Math.Max(0, left[order[r], order[r]] - lower[r, Rank] * lower[r, Rank]);
        }
    }

    // Covariance is at most the root of the variances' product.
    void Check(double[,] left, int a, int b)
    {
        if (Problem is null && Math.Abs(left[a, b]) > Math.Sqrt(left[a, a] * left[b, b]) + Rounding) Problem = Negative(left, a, b);
    }

    string Negative(double[,] left, int a, int b)
    {
        var (middle, half) = ((left[a, a] + left[b, b]) / 2, (left[a, a] - left[b, b]) / 2);
        var eigenvalue = middle - Math.Sqrt(half * half + left[a, b] * left[a, b]);
        var others = Rank == 0 ? "features" : $"after the elimination of {string.Join(", ", order[..Rank])}, features";
        return $"{others} {Math.Min(a, b)} and {Math.Max(a, b)} have the eigenvalue {eigenvalue:g6}";
    }

    // Variance 1, whatever was rounding.
    void Normalise(int row)
    {
        var square = 0.0;
        for (var c = 0; c < Rank; c++) square += lower[row, c] * lower[row, c];
        for (var c = 0; c < Rank; c++) lower[row, c] /= Math.Sqrt(square);
    }
}

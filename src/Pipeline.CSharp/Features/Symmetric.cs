namespace Superposition.Features;

/// <summary>[n, n] A symmetric matrix, each entry of its lower triangle computed once.</summary>
internal static class Symmetric
{
    /// <summary>Entries (i, j) and (j, i) are entry(i, j), j ≤ i.</summary>
    public static double[,] Of(int n, Func<int, int, double> entry)
    {
        var matrix = new double[n, n];
        for (var i = 0; i < n; i++)
            for (var j = 0; j <= i; j++) matrix[i, j] = matrix[j, i] = entry(i, j);
        return matrix;
    }
}

namespace Superposition.Features;

/// <summary>Quadrature on [−1, 1] that is exact for polynomials of degree 2m − 1.</summary>
internal static class GaussLegendre
{
    /// <summary>[m] The zeros x of the Legendre polynomial P_m, by Newton's method, and their weights 2 / ((1 − x²) P_m′(x)²).</summary>
    public static (double Node, double Weight)[] Rule(int m) => [.. Enumerable.Range(0, m).Select(i =>
    {
        var x = Math.Cos(Math.PI * (i + 0.75) / (m + 0.5));   // within the basin of zero i
        for (var step = 0; step < 10; step++)
        {
            var (value, slope) = Legendre(m, x);
            x -= value / slope;
        }
        var (_, atZero) = Legendre(m, x);
        return (x, 2 / ((1 - x * x) * atZero * atZero));
    })];

    static (double Value, double Slope) Legendre(int m, double x)
    {
        var (before, value) = (1.0, x);
        for (var l = 2; l <= m; l++) (before, value) = (value, ((2 * l - 1) * x * value - (l - 1) * before) / l);
        return (value, m * (x * value - before) / (x * x - 1));
    }
}

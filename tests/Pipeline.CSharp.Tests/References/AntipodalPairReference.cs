namespace Superposition.Tests.References;

/// <summary>
/// Two features of density p on one axis, W = ±√a with biases b: the exact loss by Gauss–Legendre quadrature over which of
/// the two are active, and its least value over a and b. (With a = 1, b = 0 it is p²/3.)
/// </summary>
static class AntipodalPairReference
{
    static readonly (double X, double Weight)[] Nodes = GaussLegendre(80);

    public static double Loss(double a, double b, double p)
    {
        static double Relu(double t) => Math.Max(0, t);
        var one = Nodes.Sum(n => n.Weight * (Math.Pow(n.X - Relu(a * n.X + b), 2) + Math.Pow(Relu(b - a * n.X), 2)));
        var both = Nodes.Sum(n => n.Weight * Nodes.Sum(m => m.Weight * Math.Pow(n.X - Relu(a * (n.X - m.X) + b), 2)));
        return (1 - p) * (1 - p) * 2 * Relu(b) * Relu(b) + 2 * p * (1 - p) * one + 2 * p * p * both;
    }

    /// <summary>The least loss, by a pattern search from a = 1, b = 0 down to steps of 1e-4 (the loss is flat there).</summary>
    public static double LeastLoss(double p)
    {
        var (a, b, least) = (1.0, 0.0, Loss(1, 0, p));
        for (var step = 0.05; step > 1e-4;)
        {
            var better = (from i in new[] { -1, 0, 1 }
                          from j in new[] { -1, 0, 1 }
                          let at = (A: a + i * step, B: b + j * step)
                          select (at.A, at.B, Loss: Loss(at.A, at.B, p))).MinBy(c => c.Loss);
            if (better.Loss < least) (a, b, least) = better;
            else step /= 2;
        }
        return least;
    }

    static (double X, double Weight)[] GaussLegendre(int count) => [.. Enumerable.Range(1, count).Select(i =>
    {
        var (x, slope) = (Math.Cos(Math.PI * (i - 0.25) / (count + 0.5)), 0.0);
        for (var newton = 0; newton < 20; newton++)
        {
            var (before, value) = (1.0, x);
            for (var k = 2; k <= count; k++) (before, value) = (value, ((2 * k - 1) * x * value - (k - 1) * before) / k);
            slope = count * (x * value - before) / (x * x - 1);
            x -= value / slope;
        }
        return ((x + 1) / 2, 1 / ((1 - x * x) * slope * slope));   // on [0, 1]
    })];
}

namespace Superposition.Features;

/// <summary>Two standard normal variates of correlation ρ.</summary>
internal static class BivariateNormal
{
    static readonly (double Node, double Weight)[] Rule = GaussLegendre.Rule(20);

    /// <summary>
    /// P(X &lt; h and Y &lt; k) for h = Φ⁻¹(p), k = Φ⁻¹(q), to about 1e-14, by Plackett's formula (1954, "A reduction formula for
    /// normal multivariate integrals"): its derivative with respect to ρ is the density at (h, k). With t = arccos|ρ|,
    /// <code>pq + sign ρ / 2π · ∫_t^{π/2} exp(−(h − k)² / (2 sin² s) − hk / (2 cos² (s/2))) ds,   k → −k for ρ &lt; 0</code>
    /// which no cancellation spoils near |ρ| = 1.
    /// </summary>
    public static double Below(double p, double q, double rho)
    {
        if (p <= 0 || q <= 0) return 0;
        if (p >= 1) return q;
        if (q >= 1) return p;
        var (least, most) = (Math.Max(0, p + q - 1), Math.Min(p, q));
        if (rho >= 1) return most;
        if (rho <= -1) return least;
        var (h, k) = (StandardNormal.Quantile(p), StandardNormal.Quantile(q) * (rho < 0 ? -1 : 1));
        var integral = 0.0;
        // Close to s = 0 the integrand changes on the scale of s itself, so each panel is as long as its distance from 0.
        for (var (from, to) = (Math.Acos(Math.Abs(rho)), 0.0); from < Math.PI / 2; from = to)
        {
            to = Math.Min(2 * from, Math.PI / 2);
            var (middle, half) = ((from + to) / 2, (to - from) / 2);
            foreach (var (node, weight) in Rule) integral += weight * half * Density(h, k, middle + half * node);
        }
        return Math.Clamp(p * q + Math.Sign(rho) * integral / (2 * Math.PI), least, most);
    }

    static double Density(double h, double k, double s)
    {
        var (sine, cosine) = (Math.Sin(s), Math.Cos(s / 2));
        return Math.Exp(-(h - k) * (h - k) / (2 * sine * sine) - h * k / (2 * cosine * cosine));
    }
}

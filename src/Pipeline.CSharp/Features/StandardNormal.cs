namespace Superposition.Features;

/// <summary>The standard normal distribution.</summary>
internal static class StandardNormal
{
    /// <summary>
    /// Φ⁻¹(p), p in [0, 1], to about 16 figures: rational approximations in a central region and two of the tails
    /// (Wichura 1988, "The percentage points of the normal distribution", algorithm AS 241, PPND16).
    /// </summary>
    public static double Quantile(double p)
    {
        var q = p - 0.5;
        if (Math.Abs(q) <= 0.425) return q * Ratio(CentralOver, CentralUnder, 0.180625 - q * q);
        var tail = q < 0 ? p : 1 - p;
        if (tail <= 0) return q < 0 ? double.NegativeInfinity : double.PositiveInfinity;
        var r = Math.Sqrt(-Math.Log(tail));
        var z = r <= 5 ? Ratio(NearOver, NearUnder, r - 1.6) : Ratio(FarOver, FarUnder, r - 5);
        return q < 0 ? -z : z;
    }

    /// <summary>Φ(z), to about 1e-15: by its series about 0, and by Laplace's continued fraction in the tails.</summary>
    public static double Cumulative(double z)
    {
        var density = Math.Exp(-z * z / 2) / Math.Sqrt(2 * Math.PI);
        if (Math.Abs(z) > 5)
        {
            var mills = Math.Abs(z);
            for (var k = 60; k >= 1; k--) mills = Math.Abs(z) + k / mills;
            return z < 0 ? density / mills : 1 - density / mills;
        }
        var (term, sum) = (z, z);   // z + z³/3 + z⁵/(3·5) + …
        for (var k = 3; Math.Abs(term) > 1e-17 * Math.Abs(sum); k += 2) sum += term *= z * z / k;
        return 0.5 + density * sum;
    }

    // Of two polynomials, by Horner's rule.
    static double Ratio(ReadOnlySpan<double> over, ReadOnlySpan<double> under, double r)
    {
        var (above, below) = (over[7], under[7]);
        for (var power = 6; power >= 0; power--)
        {
            above = Math.FusedMultiplyAdd(above, r, over[power]);
            below = Math.FusedMultiplyAdd(below, r, under[power]);
        }
        return above / below;
    }

    static ReadOnlySpan<double> CentralOver =>
    [
        3.3871328727963666080e0, 1.3314166789178437745e2, 1.9715909503065514427e3, 1.3731693765509461125e4,
        4.5921953931549871457e4, 6.7265770927008700853e4, 3.3430575583588128105e4, 2.5090809287301226727e3,
    ];

    static ReadOnlySpan<double> CentralUnder =>
    [
        1, 4.2313330701600911252e1, 6.8718700749205790830e2, 5.3941960214247511077e3,
        2.1213794301586595867e4, 3.9307895800092710610e4, 2.8729085735721942674e4, 5.2264952788528545610e3,
    ];

    static ReadOnlySpan<double> NearOver =>
    [
        1.42343711074968357734e0, 4.63033784615654529590e0, 5.76949722146069140550e0, 3.64784832476320460504e0,
        1.27045825245236838258e0, 2.41780725177450611770e-1, 2.27238449892691845833e-2, 7.74545014278341407640e-4,
    ];

    static ReadOnlySpan<double> NearUnder =>
    [
        1, 2.05319162663775882187e0, 1.67638483018380384940e0, 6.89767334985100004550e-1,
        1.48103976427480074590e-1, 1.51986665636164571966e-2, 5.47593808499534494600e-4, 1.05075007164441684324e-9,
    ];

    static ReadOnlySpan<double> FarOver =>
    [
        6.65790464350110377720e0, 5.46378491116411436990e0, 1.78482653991729133580e0, 2.96560571828504891230e-1,
        2.65321895265761230930e-2, 1.24266094738807843860e-3, 2.71155556874348757815e-5, 2.01033439929228813265e-7,
    ];

    static ReadOnlySpan<double> FarUnder =>
    [
        1, 5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2,
        7.86869131145613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7, 2.04426310338993978564e-15,
    ];
}

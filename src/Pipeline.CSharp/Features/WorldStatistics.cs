namespace Superposition.Features;

/// <summary>What a world's rows are on average, exactly; nothing is drawn. From <see cref="SparseFeatureOptions.Statistics"/>.</summary>
public sealed class WorldStatistics
{
    WorldStatistics(double[] mean, double[,] secondMoment, double[,] coOccurrence) =>
        (Mean, SecondMoment, CoOccurrence) = (mean, secondMoment, coOccurrence);

    /// <summary>[n] E[x_i] = p_i E[v].</summary>
    public double[] Mean { get; }

    /// <summary>[n, n] E[x_i x_j] = P(i and j active) E[v]²; on the diagonal p_i E[v²].</summary>
    public double[,] SecondMoment { get; }

    /// <summary>[n, n] P(feature i and feature j are active); on the diagonal p_i.</summary>
    public double[,] CoOccurrence { get; }

    internal static WorldStatistics Of(SparseFeatureOptions world)
    {
        var n = world.Features;
        var p = world.Density.Expand(n);
        var (mean, square) = (world.Values.Mean, world.Values.MeanSquare);
        var both = world.Dependence?.CoOccurrence(p) ?? Symmetric.Of(n, (i, j) => i == j ? p[i] : p[i] * p[j]);
        return new([.. p.Select(p => p * mean)], Symmetric.Of(n, (i, j) => both[i, j] * (i == j ? square : mean * mean)), both);
    }
}

using Superposition.DataViews;
using Superposition.Randomness;

namespace Superposition.Features;

/// <summary>
/// What there is to know of a world of firing features, and what its rows are drawn by. Given ε, features fire independently: i when a
/// standard normal lies below its score
/// <code>y_i = (F_i ε − Φ⁻¹(1 − p_i)) / √δ_i = base_i + G_i ε</code>
/// (with no correlation y_i = Φ⁻¹(p_i)), so a row draws only those features whose parent is active.
/// </summary>
internal sealed unsafe class HierarchicalFeatures
{
    // Purposes of keys; rows have 0.
    const int LoadingsPurpose = 16, SpreadPurpose = 17;

    const double LeastOwn = 0.01;   // δ
    const float Certain = 1000;   // a score that no normal reaches

    /// <summary>Siblings go through vectors four at a time.</summary>
    public const int Quad = 4;

    public HierarchicalFeatures(
        int n, long seed, FiringProbabilities firing, FeatureHierarchy? hierarchy, LowRankCorrelation? correlation, FeatureMagnitudes magnitudes)
    {
        (Width, Seed, Hierarchy) = (n, seed, hierarchy);
        LevelStarts = hierarchy?.LevelStarts() ?? [0, 0];
        (Roots, TreeFeatures) = (hierarchy?.Roots ?? 0, LevelStarts[^1]);
        Probabilities = Compensated(firing.Expand(n));
        Means = [.. Enumerable.Range(0, n).Select(i => (float)magnitudes.Mean(i, n))];
        var spread = CounterRandom.Key(seed, SpreadPurpose);
        Spreads = [.. Enumerable.Range(0, n).Select(i => (float)Math.Abs(
            magnitudes.SpreadMean + magnitudes.SpreadDeviation * new CounterRandom(CounterRandom.At(spread, i)).NextNormal()))];
        Rank = correlation?.Rank ?? 0;
        Loadings = LoadingsOf(n, seed, correlation);
        Tiles = (Roots + n - TreeFeatures + RowTile.Columns - 1) / RowTile.Columns;
        AlwaysDrawn = new(Tiles * TileLength);
        FillAlwaysDrawn();
        Quads = ((hierarchy?.Branching ?? 0) + Quad - 1) / Quad;
        BelowParents = new((hierarchy is null ? 0 : LevelStarts[^2]) * Quads * QuadLength);
        FillBelowParents();
    }

    /// <summary>n.</summary>
    public int Width { get; }

    public long Seed { get; }
    public FeatureHierarchy? Hierarchy { get; }

    /// <summary>[depth + 2] The first feature of each level of the trees, and the first that is free.</summary>
    public int[] LevelStarts { get; }

    /// <summary>Features 0 … Roots − 1 have children.</summary>
    public int Roots { get; }

    /// <summary>From here on features are free.</summary>
    public int TreeFeatures { get; }

    /// <summary>[n] p_i: of a child, given that its parent is active.</summary>
    public double[] Probabilities { get; }

    /// <summary>[n] μ.</summary>
    public float[] Means { get; }

    /// <summary>[n] σ.</summary>
    public float[] Spreads { get; }

    /// <summary>r, 0 if features fire independently.</summary>
    public int Rank { get; }

    /// <summary>[n, r] F.</summary>
    public double[,] Loadings { get; }

    /// <summary>Tiles of the features that are drawn in every row: the roots, then the free ones.</summary>
    public int Tiles { get; }

    /// <summary>[tiles, 1 + r, 64] base, then G, of what is always drawn; what is beyond it never fires.</summary>
    public Aligned<float> AlwaysDrawn { get; }

    public int TileLength => (1 + Rank) * RowTile.Columns;

    /// <summary>Vectors of four that the children of a feature take.</summary>
    public int Quads { get; }

    /// <summary>[parents, quads, 1 + r, 4] The same of each parent's children.</summary>
    public Aligned<float> BelowParents { get; }

    public int QuadLength => (1 + Rank) * Quad;

    /// <summary>The feature in a slot of the tiles.</summary>
    public int Slot(int slot) => slot < Roots ? slot : slot - Roots + TreeFeatures;

    /// <summary>The first child of a feature of a level above the last.</summary>
    public int FirstChild(int level, int parent) => LevelStarts[level + 1] + (parent - LevelStarts[level]) * Hierarchy!.Branching;

    /// <summary>
    /// [n] P(feature i is active): it fires with a value above 0, its parent is active, and it is the one that is kept. Of K others that
    /// fire beside it each is kept as likely, so down the trees P_i = P_parent a_i E[1 / (1 + K)], a_i = p_i P(value above 0), K a sum of
    /// independent events. Exact without correlation, which this leaves out.
    /// </summary>
    public double[] Marginals()
    {
        var alone = Probabilities.Select((p, i) => p * PositiveValue(i)).ToArray();
        var active = alone.ToArray();
        foreach (var (parent, first) in Families())
            for (var child = first; child < first + Hierarchy!.Branching; child++)
                active[child] *= active[parent] * (Hierarchy.MutuallyExclusive ? KeptAmong(alone, first, child) : 1);
        return active;
    }

    double PositiveValue(int i) => Spreads[i] > 0 ? StandardNormal.Cumulative(Means[i] / (double)Spreads[i]) : Means[i] > 0 ? 1 : 0;

    // E[1 / (1 + K)], K the siblings that fire.
    double KeptAmong(double[] alone, int first, int child)
    {
        var siblings = Hierarchy!.Branching - 1;
        Span<double> count = siblings < 64 ? stackalloc double[siblings + 1] : new double[siblings + 1];   // P(K = k)
        count.Clear();
        count[0] = 1;
        for (var (other, seen) = (first, 0); seen < siblings; other++)
        {
            if (other == child) continue;
            for (var k = ++seen; k >= 0; k--) count[k] = count[k] * (1 - alone[other]) + (k > 0 ? count[k - 1] * alone[other] : 0);
        }
        var kept = 0.0;
        for (var k = 0; k <= siblings; k++) kept += count[k] / (1 + k);
        return kept;
    }

    double[] Compensated(double[] p)
    {
        if (Hierarchy is not { Compensate: true }) return p;
        var given = p.ToArray();
        foreach (var (parent, first) in Families())
        {
            var all = p.AsSpan(first, Hierarchy.Branching).ToArray().Sum();
            for (var i = first; i < first + Hierarchy.Branching; i++)
                given[i] = p[i] == 0 ? 0 : Math.Min(1, p[i] / p[parent] * (Hierarchy.MutuallyExclusive ? 1 + (all - p[i]) / p[parent] : 1));
        }
        return given;
    }

    // Every parent and its first child, parents before their children.
    IEnumerable<(int Parent, int FirstChild)> Families()
    {
        for (var level = 0; level < LevelStarts.Length - 2; level++)
            for (var parent = LevelStarts[level]; parent < LevelStarts[level + 1]; parent++)
                yield return (parent, FirstChild(level, parent));
    }

    static double[,] LoadingsOf(int n, long seed, LowRankCorrelation? correlation)
    {
        var loadings = new double[n, correlation?.Rank ?? 0];
        if (correlation is null) return loadings;
        for (var i = 0; i < n; i++)
        {
            var random = new CounterRandom(CounterRandom.At(CounterRandom.Key(seed, LoadingsPurpose), i));
            var square = 0.0;
            for (var k = 0; k < correlation.Rank; k++)
            {
                loadings[i, k] = correlation.Scale * random.NextNormal();
                square += loadings[i, k] * loadings[i, k];
            }
            if (square <= 1 - LeastOwn) continue;
            for (var k = 0; k < correlation.Rank; k++) loadings[i, k] *= Math.Sqrt((1 - LeastOwn) / square);
        }
        return loadings;
    }

    void FillAlwaysDrawn()
    {
        for (var slot = 0; slot < Tiles * RowTile.Columns; slot++)
        {
            var column = AlwaysDrawn.Span[(slot / RowTile.Columns * TileLength + slot % RowTile.Columns)..];
            if (Slot(slot) < Width) Write(Slot(slot), column, RowTile.Columns);
            else column[0] = -Certain;
        }
    }

    void FillBelowParents()
    {
        foreach (var (parent, first) in Families())
            for (var child = 0; child < Hierarchy!.Branching; child++)
                Write(first + child, BelowParents.Span[((parent * Quads + child / Quad) * QuadLength + child % Quad)..], Quad);
    }

    // base, then G, a step apart.
    void Write(int feature, Span<float> column, int step)
    {
        var own = 1.0;
        for (var k = 0; k < Rank; k++) own -= Loadings[feature, k] * Loadings[feature, k];
        own = Math.Sqrt(own);
        column[0] = (float)Math.Clamp(StandardNormal.Quantile(Probabilities[feature]) / own, -Certain, Certain);
        // What is certain or impossible is so whatever ε.
        if (Math.Abs(column[0]) == Certain) return;
        for (var k = 0; k < Rank; k++) column[(1 + k) * step] = (float)(Loadings[feature, k] / own);
    }
}

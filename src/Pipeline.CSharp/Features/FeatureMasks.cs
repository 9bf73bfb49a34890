namespace Superposition.Features;

/// <summary>Draws which features of a row are active; a pure function of the row's key, so any number of threads may share one.</summary>
internal abstract class FeatureMasks
{
    /// <summary>
    /// Writes 1 for each active feature of a row and 0 for the others. Random bits come from counters 0 … n − 1 of the row's key;
    /// the counters from n on are those of the values.
    /// </summary>
    /// <param name="rowKey">The row's key.</param>
    /// <param name="on">[n] What is written.</param>
    /// <param name="scratch">[n] Room to work in.</param>
    public abstract void Draw(ulong rowKey, Span<int> on, Span<float> scratch);

    /// <summary>What <see cref="Uniform"/> lies below with probability p; p = 1 is certain.</summary>
    protected static ulong Threshold(double p) => (ulong)Math.Round(Math.Min(p, 1) * (1UL << 63));

    /// <summary>The upper 63 bits of a draw.</summary>
    protected static ulong Uniform(ulong bits) => bits >> 1;
}

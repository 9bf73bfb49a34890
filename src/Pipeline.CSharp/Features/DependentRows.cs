using Superposition.Randomness;

namespace Superposition.Features;

/// <summary>
/// One stream of rows of a world whose features depend on each other. Row r is a pure function of (seed, stream, r): draws 0 … n − 1 of
/// the row decide what is active, draw n + i makes the value of feature i. Nothing but constants is held, so threads may share one.
/// </summary>
internal sealed class DependentRows : RowStream
{
    readonly FeatureValues values;
    readonly FeatureMasks masks;
    readonly ulong key;

    public DependentRows(SparseFeatureOptions world, long stream) : base(world.Features)
    {
        ArgumentNullException.ThrowIfNull(world.Dependence);
        values = world.Values;
        masks = world.Dependence.Masks(world.Density.Expand(world.Features));
        key = CounterRandom.At(CounterRandom.Key(world.Seed, 0), stream);
    }

    public override int Draw(long row, Span<int> indices, Span<float> active)
    {
        var rowKey = CounterRandom.At(key, row);
        masks.Draw(rowKey, indices[..Width], active[..Width]);
        var count = 0;
        for (var i = 0; i < Width; i++)   // in place and without a branch: count ≤ i, so no mask is overwritten unread
        {
            var on = indices[i];
            indices[count] = i;
            count += on;
        }
        for (var c = 0; c < count; c++) active[c] = values.Quantile(Uniform32(CounterRandom.At(rowKey, Width + indices[c])));
        return count;
    }

    // In (0, 1]; finer than single precision near 0, so that small values are not all alike.
    static float Uniform32(ulong bits) => (long)((bits >> 32) + 1) * (1f / (1L << 32));
}

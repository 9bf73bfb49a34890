using System.Numerics;
using Superposition.DataViews;
using Superposition.Randomness;

namespace Superposition.Features;

/// <summary>
/// One stream of rows of features in trees. A row costs the roots, the free features and the children of what is active: the first two
/// by vectors that sort out nearly all that do not fire, the children four at a time.
/// </summary>
internal sealed unsafe class HierarchicalRows(HierarchicalFeatures features, long stream) : RowStream(features.Width)
{
    [ThreadStatic] static Scratch? scratch;

    readonly ulong key = CounterRandom.At(CounterRandom.Key(features.Seed, 0), stream);

    // Draws of a row's key: the tiles' words, one for each feature, one for each family, one for each of ε.
    readonly int featureDraws = features.Tiles * FiringFilter.WordsOfTile;
    readonly int familyDraws = features.Tiles * FiringFilter.WordsOfTile + features.Width;
    readonly int factorDraws = features.Tiles * FiringFilter.WordsOfTile + 2 * features.Width;

    /// <summary>Room for the scores of four rows of a world; a thread has one.</summary>
    sealed class Scratch(HierarchicalFeatures features, int featureDraws)
    {
        public readonly HierarchicalFeatures Features = features;
        public readonly Aligned<float> Factors = new(RowTile.Rows * features.Rank);
        public readonly Aligned<float> Scores = new(RowTile.Rows * features.Tiles * RowTile.Columns);
        public readonly Aligned<ulong> Masks = new(features.Tiles);
        public readonly FamilyDraws Families = new(features, featureDraws);
    }

    public override int Draw(long row, Span<int> indices, Span<float> active)
    {
        Span<int> starts = stackalloc int[2];
        if (Draw(row, starts, indices, active) == 0)
            throw new ArgumentException($"Expected room for the {Width} features a row may have, found {indices.Length}.", nameof(indices));
        return starts[1];
    }

    /// <summary>
    /// The active features of consecutive rows, ascending, one row behind the other: those of row r from starts[r] to starts[r + 1]. A row
    /// is drawn if there is room for n more, whatever it turns out to have.
    /// </summary>
    /// <returns>How many rows.</returns>
    public int Draw(long firstRow, Span<int> starts, Span<int> indices, Span<float> active)
    {
        var (rank, tiles, capacity) = (features.Rank, features.Tiles, Math.Min(indices.Length, active.Length));
        var room = scratch?.Features == features ? scratch : scratch = new(features, featureDraws);
        float* factors = room.Factors.Pointer, scores = room.Scores.Pointer;
        starts[0] = 0;
        for (var done = 0; ;)
        {
            var left = starts.Length - 1 - done;
            if (left <= 0 || capacity - starts[done] < Width) return done;
            var here = left >= RowTile.Rows ? RowTile.Rows : 1;
            for (var r = 0; r < here; r++)
                for (var (k, rowKey) = (0, CounterRandom.At(key, firstRow + done + r)); k < rank; k++)
                    factors[r * rank + k] = (float)StandardNormal.Quantile(Uniform32(CounterRandom.At(rowKey, factorDraws + k) >> 32));
            Score(here, factors, scores);
            for (var r = 0; r < here && capacity - starts[done] >= Width; r++, done++)
                starts[done + 1] = starts[done] + Draw(room, CounterRandom.At(key, firstRow + done), factors + r * rank,
                    scores + r * tiles * RowTile.Columns, indices.Slice(starts[done], Width), active.Slice(starts[done], Width));
        }
    }

    // [rows, 64·tiles] y of what is always drawn.
    void Score(int rows, float* factors, float* scores)
    {
        var table = features.AlwaysDrawn.Pointer;
        nint stride = features.Tiles * RowTile.Columns;
        for (var tile = 0; tile < features.Tiles; tile++, table += features.TileLength, scores += RowTile.Columns)
            if (rows == RowTile.Rows)
                RowTile.Four(factors, features.Rank, 1, features.Rank, table + RowTile.Columns, RowTile.Columns, table, 0, scores, stride);
            else RowTile.One(factors, 1, features.Rank, table + RowTile.Columns, RowTile.Columns, table, scores);
    }

    int Draw(Scratch room, ulong rowKey, float* factors, float* scores, Span<int> indices, Span<float> active)
    {
        var masks = room.Masks.Pointer;
        FiringFilter.Candidates(rowKey, scores, features.Tiles, masks);
        var count = Take(rowKey, 0, features.Roots, scores, masks, indices, active, 0);
        for (var (level, from) = (0, 0); level < features.LevelStarts.Length - 2; level++)
        {
            var to = count;
            room.Families.Draw(rowKey, level, indices[from..to], factors);
            for (var family = 0; from < to; from++, family++)
                count = Below(room.Families, rowKey, level, from, family, indices, active, count);
        }
        return Take(rowKey, features.Roots, features.Tiles * RowTile.Columns, scores, masks, indices, active, count);
    }

    // Of the candidates in slots from … to those that fire.
    int Take(ulong rowKey, int from, int to, float* scores, ulong* masks, Span<int> indices, Span<float> active, int count)
    {
        for (var word = from >> 6; word << 6 < to; word++)
        {
            var candidates = masks[word];
            if (word == from >> 6) candidates &= ulong.MaxValue << from;
            if (to - (word << 6) < 64) candidates &= (1UL << to) - 1;
            for (; candidates != 0; candidates &= candidates - 1)
            {
                var slot = (word << 6) + BitOperations.TrailingZeroCount(candidates);
                var feature = features.Slot(slot);
                var bits = CounterRandom.At(rowKey, featureDraws + feature);
                var u = (FiringFilter.Highest(rowKey, slot) + Uniform32((uint)bits)) * (1.0 / 65536);
                if (StandardNormal.Quantile(u) >= scores[slot] || Value(feature, bits) is not (> 0 and var value)) continue;
                indices[count] = feature;
                active[count++] = value;
            }
        }
        return count;
    }

    // The children of the active feature at a place of the row, a family of its level.
    int Below(FamilyDraws families, ulong rowKey, int level, int place, int family, Span<int> indices, Span<float> active, int count)
    {
        var hierarchy = features.Hierarchy!;
        var (parent, first, start) = (indices[place], features.FirstChild(level, indices[place]), count);
        for (var quad = 0; quad < features.Quads; quad++)
            for (var fires = families.Firing(family, quad); fires != 0; fires &= fires - 1)
            {
                var child = quad * HierarchicalFeatures.Quad + BitOperations.TrailingZeroCount(fires);
                if (Value(first + child, families.Bits(family, child)) is not (> 0 and var value)) continue;
                indices[count] = first + child;
                active[count++] = value;
            }
        if (hierarchy.MutuallyExclusive && count - start > 1)
        {
            var draw = CounterRandom.At(rowKey, familyDraws + parent) >> 32;
            var kept = start + (int)((draw * (ulong)(count - start)) >> 32);
            (indices[start], active[start], count) = (indices[kept], active[kept], start + 1);
        }
        if (hierarchy.ScaleByParent)
            for (var c = start; c < count; c++) active[c] *= active[place] / features.Means[parent];
        return count;
    }

    // Of the upper half of a feature's draw; the lower one says whether it fires.
    float Value(int feature, ulong bits) =>
        MathF.FusedMultiplyAdd(features.Spreads[feature], (float)StandardNormal.Quantile(Uniform32(bits >> 32)), features.Means[feature]);

    // The middle of one of 2³² equal parts of (0, 1).
    static double Uniform32(ulong part) => (part + 0.5) * (1.0 / (1L << 32));
}

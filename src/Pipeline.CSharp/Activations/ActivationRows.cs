using System.Runtime.Intrinsics;
using Superposition.DataViews;
using Superposition.Features;

namespace Superposition.Activations;

/// <summary>
/// One stream of activations: x = Σ_i a_i E_i + b over a row's active features, in ascending order, so that a row is the same to the bit
/// whoever asks for it. The dictionary is larger than the caches near a core, and fetching it takes longer than adding it up: a block of
/// rows goes through a slab of columns at a time, so that the part of a feature that one row has fetched is there for the others.
/// </summary>
internal sealed unsafe class ActivationRows(HierarchicalRows rows, FeatureDictionary dictionary, int dimensions) : IRowBlocks
{
    /// <summary>Rows of a block.</summary>
    public const int Block = 128;

    const int Lanes = 16, Slab = 128;

    [ThreadStatic] static Scratch? scratch;

    /// <summary>What a block of rows has active; a thread has one.</summary>
    sealed class Scratch(int n, int stride)
    {
        public readonly int[] Starts = new int[Block + 1];
        public readonly Aligned<int> Indices = new(n + Block * 128);   // where rows have more active a block is shorter
        public readonly Aligned<float> Active = new(n + Block * 128), Sums = new(Block * stride);

        public bool Fits(int n, int stride) => Indices.Length >= n + Block * 128 && Sums.Length >= Block * stride;
    }

    public int Width => dimensions;

    public void Fill(long firstRow, int count, Span<float> destination)
    {
        var room = scratch?.Fits(rows.Width, dictionary.Stride) == true ? scratch : scratch = new(rows.Width, dictionary.Stride);
        fixed (float* target = destination)
            for (var done = 0; done < count;)
            {
                var here = rows.Draw(firstRow + done, room.Starts.AsSpan(0, Math.Min(Block, count - done) + 1), room.Indices.Span, room.Active.Span);
                var x = target + (nint)done * dimensions;
                var sums = dictionary.Stride == dimensions ? x : room.Sums.Pointer;
                Add(room, here, sums);
                for (var r = 0; sums != x && r < here; r++)
                    new Span<float>(sums + r * dictionary.Stride, dimensions).CopyTo(new(x + r * dimensions, dimensions));
                done += here;
            }
    }

    void Add(Scratch room, int count, float* sums)
    {
        var (starts, stride) = (room.Starts, dictionary.Stride);
        for (var at = 0; at < stride; at += Slab)
            for (var r = 0; r < count; r++)
            {
                var indices = room.Indices.Pointer + starts[r];
                float* active = room.Active.Pointer + starts[r], sum = sums + r * stride + at;
                if (stride - at >= Slab) AddWide(indices, active, starts[r + 1] - starts[r], at, sum);
                else AddTile(indices, active, starts[r + 1] - starts[r], at, sum);
            }
    }

    // 128 columns, all the sums in registers.
    void AddWide(int* indices, float* active, int count, int at, float* sum)
    {
        float* directions = dictionary.Directions + at, bias = dictionary.Bias + at;
        nint stride = dictionary.Stride;
        var (s0, s1, s2, s3) = (Vector512.Load(bias), Vector512.Load(bias + 16), Vector512.Load(bias + 32), Vector512.Load(bias + 48));
        var (s4, s5, s6, s7) = (Vector512.Load(bias + 64), Vector512.Load(bias + 80), Vector512.Load(bias + 96), Vector512.Load(bias + 112));
        for (var c = 0; c < count; c++)
        {
            var a = Vector512.Create(active[c]);
            var e = directions + indices[c] * stride;
            s0 = Vector512.FusedMultiplyAdd(a, Vector512.Load(e), s0);
            s1 = Vector512.FusedMultiplyAdd(a, Vector512.Load(e + 16), s1);
            s2 = Vector512.FusedMultiplyAdd(a, Vector512.Load(e + 32), s2);
            s3 = Vector512.FusedMultiplyAdd(a, Vector512.Load(e + 48), s3);
            s4 = Vector512.FusedMultiplyAdd(a, Vector512.Load(e + 64), s4);
            s5 = Vector512.FusedMultiplyAdd(a, Vector512.Load(e + 80), s5);
            s6 = Vector512.FusedMultiplyAdd(a, Vector512.Load(e + 96), s6);
            s7 = Vector512.FusedMultiplyAdd(a, Vector512.Load(e + 112), s7);
        }
        Store(sum, s0, s1, s2, s3);
        Store(sum + 4 * Lanes, s4, s5, s6, s7);
    }

    // The 64 that may be left.
    void AddTile(int* indices, float* active, int count, int at, float* sum)
    {
        float* directions = dictionary.Directions + at, bias = dictionary.Bias + at;
        nint stride = dictionary.Stride;
        var (s0, s1, s2, s3) = (Vector512.Load(bias), Vector512.Load(bias + 16), Vector512.Load(bias + 32), Vector512.Load(bias + 48));
        for (var c = 0; c < count; c++)
        {
            var a = Vector512.Create(active[c]);
            var e = directions + indices[c] * stride;
            s0 = Vector512.FusedMultiplyAdd(a, Vector512.Load(e), s0);
            s1 = Vector512.FusedMultiplyAdd(a, Vector512.Load(e + 16), s1);
            s2 = Vector512.FusedMultiplyAdd(a, Vector512.Load(e + 32), s2);
            s3 = Vector512.FusedMultiplyAdd(a, Vector512.Load(e + 48), s3);
        }
        Store(sum, s0, s1, s2, s3);
    }

    static void Store(float* c, Vector512<float> c0, Vector512<float> c1, Vector512<float> c2, Vector512<float> c3)
    {
        c0.Store(c);
        c1.Store(c + Lanes);
        c2.Store(c + 2 * Lanes);
        c3.Store(c + 3 * Lanes);
    }
}

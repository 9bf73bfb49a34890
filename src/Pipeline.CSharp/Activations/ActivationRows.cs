using System.Runtime.Intrinsics;
using Superposition.DataViews;
using Superposition.Features;

namespace Superposition.Activations;

/// <summary>
/// One stream of activations: x = Σ_i a_i E_i + b over a row's active features, in ascending order, so that a row is the same to the bit
/// whoever asks for it. The dictionary is larger than the caches near a core, so the next row's directions are asked for while one is added up.
/// </summary>
internal sealed unsafe class ActivationRows(HierarchicalRows rows, FeatureDictionary dictionary, int dimensions) : IRowBlocks
{
    const int Block = 16;           // rows drawn before they are added up
    const int Lanes = 16, Wide = 128;

    [ThreadStatic] static Scratch? scratch;

    /// <summary>What a block of rows has active; a thread has one.</summary>
    sealed class Scratch(int n, int stride)
    {
        public readonly int[] Indices = new int[Block * n], Counts = new int[Block];
        public readonly float[] Active = new float[Block * n];
        public readonly Aligned<float> Sum = new(stride);

        public bool Fits(int n, int stride) => Indices.Length >= Block * n && Sum.Length >= stride;
    }

    public int Width => dimensions;

    public void Fill(long firstRow, int count, Span<float> destination)
    {
        var n = rows.Width;
        if (scratch?.Fits(n, dictionary.Stride) != true) scratch = new(n, dictionary.Stride);
        fixed (int* indices = scratch.Indices)
        fixed (float* active = scratch.Active, target = destination)
            for (var done = 0; done < count; done += Block)
            {
                var here = Math.Min(Block, count - done);
                rows.Draw(firstRow + done, here, scratch.Indices, scratch.Active, scratch.Counts);
                for (var r = 0; r < here; r++)
                {
                    var x = target + (nint)(done + r) * dimensions;
                    var sum = dictionary.Stride == dimensions ? x : scratch.Sum.Pointer;
                    Add(indices + r * n, active + r * n, scratch.Counts[r], sum);
                    if (sum != x) new Span<float>(sum, dimensions).CopyTo(new(x, dimensions));
                }
            }
    }

    void Add(int* indices, float* active, int count, float* sum)
    {
        var at = 0;
        for (; at + Wide <= dictionary.Stride; at += Wide) AddWide(indices, active, count, at, sum + at);
        for (; at < dictionary.Stride; at += RowTile.Columns) AddTile(indices, active, count, at, sum + at);
    }

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

using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Superposition.Benchmarks;

/// <summary>What the figures were measured on, and how fast it can multiply and add at all.</summary>
static class Machine
{
    /// <summary>Cores, vector width, and multiply-adds of single precision in a nanosecond and core, as measured.</summary>
    public static string Description() => string.Create(CultureInfo.InvariantCulture,
        $"machine cores={Environment.ProcessorCount} vector={VectorBits} fma/ns={MultiplyAdds.Value:F0} system=\"{System.Runtime.InteropServices.RuntimeInformation.OSDescription}\"");

    static int VectorBits => Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : 128;

    /// <summary>Multiply-adds in a nanosecond and core.</summary>
    public static Lazy<double> MultiplyAdds { get; } = new(() => Enumerable.Range(0, 5).Max(_ =>
    {
        const int Loops = 4_000_000;
        var start = Stopwatch.GetTimestamp();
        var sum = Loop(Loops, Vector512.Create(0.999f));
        var elapsed = Stopwatch.GetElapsedTime(start).TotalNanoseconds;
        return float.IsFinite(sum) ? 12.0 * Vector512<float>.Count * Loops / elapsed : double.NaN;
    }));

    // Twelve chains hide the latency of an instruction.
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    static float Loop(int loops, Vector512<float> v)
    {
        Vector512<float> a = v, b = v, c = v, d = v, e = v, f = v, g = v, h = v, i = v, j = v, k = v, l = v;
        for (var n = 0; n < loops; n++)
        {
            a = Vector512.FusedMultiplyAdd(a, v, v);
            b = Vector512.FusedMultiplyAdd(b, v, v);
            c = Vector512.FusedMultiplyAdd(c, v, v);
            d = Vector512.FusedMultiplyAdd(d, v, v);
            e = Vector512.FusedMultiplyAdd(e, v, v);
            f = Vector512.FusedMultiplyAdd(f, v, v);
            g = Vector512.FusedMultiplyAdd(g, v, v);
            h = Vector512.FusedMultiplyAdd(h, v, v);
            i = Vector512.FusedMultiplyAdd(i, v, v);
            j = Vector512.FusedMultiplyAdd(j, v, v);
            k = Vector512.FusedMultiplyAdd(k, v, v);
            l = Vector512.FusedMultiplyAdd(l, v, v);
        }
        return Vector512.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
    }
}

using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Superposition.Randomness;

/// <summary>
/// SplitMix64 addressed by counter: draw t of key k is a pure function of (k, t), so any reader may start anywhere
/// (Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators", fig. 16).
/// </summary>
internal struct CounterRandom(ulong key)
{
    const ulong Step = 0x9E3779B97F4A7C15;   // 2⁶⁴ / golden ratio
    ulong state = key;

    /// <summary>A key for one purpose out of a seed: 0 the rows of worlds, others for initial weights and shuffles.</summary>
    public static ulong Key(long seed, long purpose) => At(Mix((ulong)seed), purpose);

    /// <summary>Draw t of a key; t may be negative.</summary>
    public static ulong At(ulong key, long t) => Mix(key + Offset(t));

    /// <summary>The next 64 bits.</summary>
    public ulong Next() => Mix(state += Step);

    /// <summary>Uniform on (0, 1], 53 bits.</summary>
    public double NextUniform() => Uniform53(Next());

    /// <summary>Standard normal, by Box and Muller's transform (the cosine half).</summary>
    public double NextNormal() => Math.Sqrt(-2 * Math.Log(NextUniform())) * Math.Cos(2 * Math.PI * NextUniform());

    /// <summary>The upper 53 bits as a number in (0, 1].</summary>
    public static double Uniform53(ulong bits) => ((bits >> 11) + 1) * (1.0 / (1UL << 53));

    /// <summary>The lower 24 bits as a number in (0, 1], exact in single precision.</summary>
    public static float Uniform24(ulong bits) => ((uint)(bits & 0xFFFFFF) + 1) * (1f / (1 << 24));

    /// <summary>Before mixing, draws t … t + 7 of a key; <see cref="NextEight"/> goes on to the next eight.</summary>
    public static Vector512<ulong> Counters(ulong key, long t) =>
        Vector512.Create(key + Offset(t)) + Vector512<ulong>.Indices * Step;

    /// <summary>The counters eight draws on.</summary>
    public static Vector512<ulong> NextEight(Vector512<ulong> counters) => counters + Vector512.Create(unchecked(8 * Step));

    /// <summary>What draw t adds to its key before mixing.</summary>
    public static ulong Offset(long t) => Step * (ulong)(t + 1);

    /// <summary>Eight draws at once, the same as one by one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<ulong> Mix(Vector512<ulong> z)
    {
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EB;
        return z ^ (z >>> 31);
    }

    static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}

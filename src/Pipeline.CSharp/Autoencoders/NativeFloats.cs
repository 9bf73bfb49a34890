using System.Runtime.InteropServices;

namespace Superposition.Autoencoders;

/// <summary>Floats outside the collected heap, aligned for whole vectors; they begin as 0.</summary>
internal sealed unsafe class NativeFloats : IDisposable
{
    float* start;

    public NativeFloats(long count)
    {
        start = (float*)NativeMemory.AlignedAlloc((nuint)(count * sizeof(float)), 64);
        NativeMemory.Clear(start, (nuint)(count * sizeof(float)));
        GC.AddMemoryPressure(Bytes = count * sizeof(float));
    }

    ~NativeFloats() => Dispose();

    /// <summary>Size.</summary>
    public long Bytes { get; }

    /// <summary>The first.</summary>
    public float* Start => start;

    public void Dispose()
    {
        if (start is null) return;
        NativeMemory.AlignedFree(start);
        start = null;
        GC.RemoveMemoryPressure(Bytes);
        GC.SuppressFinalize(this);
    }
}

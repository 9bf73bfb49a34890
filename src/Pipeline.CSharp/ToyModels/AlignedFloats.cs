using System.Runtime.InteropServices;

namespace Superposition.ToyModels;

/// <summary>Zeroed floats that stay in place and begin at a cache line, for code that reads them by pointer.</summary>
internal sealed unsafe class AlignedFloats : SafeHandle
{
    const int Line = 64;

    public AlignedFloats(int length) : base(0, ownsHandle: true)
    {
        Length = length;
        SetHandle((nint)NativeMemory.AlignedAlloc((nuint)Math.Max(1, length) * sizeof(float), Line));
        Span.Clear();
    }

    public int Length { get; }
    public float* Pointer => (float*)handle;
    public Span<float> Span => new(Pointer, Length);
    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        NativeMemory.AlignedFree(Pointer);
        return true;
    }
}

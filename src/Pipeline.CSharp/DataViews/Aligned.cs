using System.Runtime.InteropServices;

namespace Superposition.DataViews;

/// <summary>Zeroed numbers that stay in place and begin at a cache line, for code that reads them by pointer.</summary>
internal sealed unsafe class Aligned<T> : SafeHandle where T : unmanaged
{
    const int Line = 64;

    public Aligned(int length) : base(0, ownsHandle: true)
    {
        Length = length;
        SetHandle((nint)NativeMemory.AlignedAlloc((nuint)Math.Max(1, length) * (nuint)sizeof(T), Line));
        Span.Clear();
    }

    public int Length { get; }
    public T* Pointer => (T*)handle;
    public Span<T> Span => new(Pointer, Length);
    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        NativeMemory.AlignedFree(Pointer);
        return true;
    }
}

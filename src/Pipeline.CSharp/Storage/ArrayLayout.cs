namespace Superposition.Storage;

/// <summary>Where an array lies in a file, and what it is: all that a header says, held against the file's length.</summary>
/// <param name="Type">Of its elements.</param>
/// <param name="Shape">Length of each axis.</param>
/// <param name="Offset">The first byte of its elements, from the beginning of the file.</param>
/// <param name="Length">Bytes of its elements.</param>
sealed record ArrayLayout(ElementType Type, long[] Shape, long Offset, long Length)
{
    /// <summary>F32 [4096, 512]</summary>
    public override string ToString() => $"{Type} {ErrorText.Shape(Shape)}";
}

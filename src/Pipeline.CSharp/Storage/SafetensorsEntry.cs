namespace Superposition.Storage;

/// <summary>One tensor as the header describes it: its bytes are Begin…End of the buffer after the header.</summary>
sealed record SafetensorsEntry(string Name, ElementType Type, long[] Shape, long Begin, long End)
{
    /// <summary>tensor "W_dec" [4096, 512] F32</summary>
    public override string ToString() => $"tensor {ErrorText.Quote(Name)} {ErrorText.Shape(Shape)} {Type}";
}

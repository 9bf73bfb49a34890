namespace Superposition.Storage;

/// <summary>What is wrong with a safetensors file.</summary>
public enum SafetensorsReason
{
    /// <summary>Fewer than the 8 bytes that give the header's length.</summary>
    FileTooShort,

    /// <summary>The header claims more than the 100,000,000 bytes the format allows, or is long and nearly all of its file.</summary>
    HeaderTooLong,

    /// <summary>The header claims more bytes than the file has.</summary>
    HeaderOutsideFile,

    /// <summary>The header is not one JSON object in UTF-8 beginning with '{', or is nested deeper than the format is.</summary>
    HeaderNotJson,

    /// <summary>Two tensors have one name.</summary>
    DuplicateTensor,

    /// <summary>A key stands twice in the metadata or in a tensor's entry.</summary>
    DuplicateKey,

    /// <summary>__metadata__ is not an object of strings.</summary>
    MetadataNotStrings,

    /// <summary>
    /// A tensor's entry is not an object of dtype (string), shape (integers) and data_offsets (two integers), and no more.
    /// </summary>
    EntryMalformed,

    /// <summary>An element type that is not in <see cref="ElementType"/>.</summary>
    UnknownType,

    /// <summary>An axis is negative.</summary>
    NegativeShape,

    /// <summary>The shape has more bytes than can be counted in 63 bits.</summary>
    ShapeOverflow,

    /// <summary>A range begins below 0 or ends before it begins.</summary>
    RangeInvalid,

    /// <summary>A range has not as many bytes as shape and type need.</summary>
    ShapeMismatch,

    /// <summary>A range ends beyond the file: the file was cut short.</summary>
    RangeOutsideFile,

    /// <summary>Two tensors share bytes.</summary>
    RangesOverlap,

    /// <summary>Bytes between two tensors, or before the first, belong to none.</summary>
    Hole,

    /// <summary>Bytes after the last tensor belong to none.</summary>
    TrailingBytes,

    /// <summary>A tensor has more bytes than a .NET array can hold, 2 GB.</summary>
    TensorTooLarge,

    /// <summary>The file is sound but has no tensor of that name.</summary>
    TensorMissing,

    /// <summary>A tensor that was asked for has another shape than it must have.</summary>
    ShapeUnexpected,

    /// <summary>A tensor to be written is called __metadata__, or a name or metadata to be written is no Unicode text.</summary>
    NameInvalid,
}

namespace Superposition.Storage;

/// <summary>What is wrong with an .npy file, or why it is not read.</summary>
public enum NpyReason
{
    /// <summary>It does not begin with the format's six bytes, 0x93 and NUMPY.</summary>
    NotNpy,

    /// <summary>A format version other than 1.0, 2.0 and 3.0.</summary>
    UnknownVersion,

    /// <summary>The header claims more bytes than the file has, or more than any real one needs (1,000,000).</summary>
    HeaderTooLong,

    /// <summary>The header is not a dictionary of descr, fortran_order and shape.</summary>
    HeaderMalformed,

    /// <summary>Elements are Python objects, which only Python could load, and which may run code.</summary>
    ObjectType,

    /// <summary>Elements are big-endian.</summary>
    BigEndian,

    /// <summary>Elements are records, text, dates, complex numbers or anything else not in <see cref="ElementType"/>.</summary>
    UnknownType,

    /// <summary>The array is stored column by column.</summary>
    FortranOrder,

    /// <summary>The shape has more bytes than can be counted in 63 bits, or more than 64 axes.</summary>
    ShapeOverflow,

    /// <summary>The array has more bytes than a .NET array can hold, 2 GB.</summary>
    TooLarge,

    /// <summary>The file ends before the array does.</summary>
    CutShort,

    /// <summary>The file goes on after the array.</summary>
    TrailingBytes,

    /// <summary>An .npz file is no zip archive, or its directory or an entry is damaged.</summary>
    ArchiveDamaged,

    /// <summary>An .npz file has an entry that is no .npy file, or two of one name.</summary>
    EntryUnexpected,

    /// <summary>An entry of an .npz file claims more bytes than can have been packed into it, or shares those of another.</summary>
    EntryTooLong,
}

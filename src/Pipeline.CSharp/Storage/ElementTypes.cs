using System.Collections.Frozen;

namespace Superposition.Storage;

/// <summary>What is known about each <see cref="ElementType"/>: its size, and its name in a file.</summary>
public static class ElementTypes
{
    static readonly FrozenDictionary<string, ElementType> ByName =
        Enum.GetValues<ElementType>().ToFrozenDictionary(type => type.ToString(), StringComparer.Ordinal);

    /// <summary>Bytes of one element: 1, 2, 4 or 8.</summary>
    public static int Size(this ElementType type) => type switch
    {
        ElementType.BOOL or ElementType.U8 or ElementType.I8 => 1,
        ElementType.I16 or ElementType.U16 or ElementType.F16 or ElementType.BF16 => 2,
        ElementType.I32 or ElementType.U32 or ElementType.F32 => 4,
        ElementType.F64 or ElementType.I64 or ElementType.U64 => 8,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "This is no element type."),
    };

    /// <summary>By its exact name, such as "F32". (Enum.TryParse would take "9" for F32 as well.)</summary>
    internal static bool TryParse(string name, out ElementType type) => ByName.TryGetValue(name, out type);

    /// <summary>The names that are read, for an error message.</summary>
    internal static string Names => string.Join(", ", Enum.GetNames<ElementType>());
}

using System.Buffers.Binary;
using System.Text;

namespace Superposition.Native;

/// <summary>
/// The symbol versions a 64-bit little-endian ELF library asks of other libraries (section <c>.gnu.version_r</c>,
/// Linux Standard Base, "Symbol Versioning").
/// </summary>
internal static class ElfSymbolVersions
{
    const uint VersionNeeds = 0x6ffffffe;   // SHT_GNU_verneed
    const ushort Weak = 2;                  // VER_FLG_WEAK

    /// <summary>
    /// Marks one needed version as weak, in place, so that the loader no longer refuses a library whose provider lacks it.
    /// Safe only for a version that no relocation uses.
    /// </summary>
    /// <returns>Whether the version was found.</returns>
    /// <exception cref="InvalidDataException">The bytes are no 64-bit little-endian ELF file, or end before its tables do.</exception>
    public static bool Weaken(Span<byte> elf, string version)
    {
        if (elf.Length < 64 || !elf[..4].SequenceEqual("\u007fELF"u8) || elf[4] != 2 || elf[5] != 1)
            throw new InvalidDataException("Expected a 64-bit little-endian ELF library; found other bytes.");
        try
        {
            return WeakenChecked(elf, version);
        }
        catch (ArgumentOutOfRangeException)
        {
            throw new InvalidDataException("The ELF library ends before its section table does.");
        }
    }

    static bool WeakenChecked(Span<byte> elf, string version)
    {
        var sections = checked((int)U64(elf, 40));
        int size = U16(elf, 58), count = U16(elf, 60);
        var found = false;
        for (var s = 0; s < count; s++)
        {
            var section = elf.Slice(sections + s * size, size);
            if (U32(section, 4) != VersionNeeds) continue;
            var strings = elf.Slice(sections + (int)U32(section, 40) * size, size);
            found |= WeakenIn(elf, checked((int)U64(section, 24)), (int)U32(section, 44), checked((int)U64(strings, 24)), version);
        }
        return found;
    }

    // A linked list of files (Elf64_Verneed, 16 bytes), each with a linked list of versions (Elf64_Vernaux, 16 bytes).
    static bool WeakenIn(Span<byte> elf, int file, int files, int strings, string version)
    {
        var found = false;
        for (var f = 0; f < files; f++)
        {
            int versions = U16(elf, file + 2), entry = file + (int)U32(elf, file + 8);
            for (var v = 0; v < versions; v++)
            {
                if (NameAt(elf, strings + (int)U32(elf, entry + 8)) == version)
                {
                    BinaryPrimitives.WriteUInt16LittleEndian(elf[(entry + 4)..], Weak);
                    found = true;
                }
                entry += (int)U32(elf, entry + 12);
            }
            file += (int)U32(elf, file + 12);
        }
        return found;
    }

    static string NameAt(ReadOnlySpan<byte> elf, int offset)
    {
        var rest = elf[offset..];
        return Encoding.ASCII.GetString(rest[..Math.Max(0, rest.IndexOf((byte)0))]);
    }

    static ushort U16(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);
    static uint U32(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);
    static ulong U64(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..]);
}

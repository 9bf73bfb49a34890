using System.Text;

namespace Superposition.Models;

/// <summary>
/// A character for each byte, so that a vocabulary of bytes can be written as text: those that print stand for themselves, the others
/// for U+0100 and following, so that a blank is Ġ (GPT-2's encoder.py, bytes_to_unicode).
/// </summary>
internal static class ByteCharacters
{
    static readonly char[] Characters = All();
    static readonly Dictionary<char, byte> Bytes = Characters.Select((character, value) => (character, value)).ToDictionary(pair => pair.character, pair => (byte)pair.value);

    static char[] All()
    {
        var (characters, next) = (new char[256], (char)0x100);
        for (var value = 0; value < 256; value++)
            characters[value] = value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF) ? (char)value : next++;
        return characters;
    }

    /// <summary>The 256 characters, that of byte b at b.</summary>
    public static IReadOnlyList<char> InOrder => Characters;

    /// <summary>The bytes of a text in UTF-8, a character each.</summary>
    public static string Of(string text) => string.Concat(Encoding.UTF8.GetBytes(text).Select(value => Characters[value]));

    /// <summary>Whether each character stands for a byte.</summary>
    public static bool Are(string characters) => characters.All(Bytes.ContainsKey);

    /// <summary>The bytes that characters stand for.</summary>
    public static byte[] BytesOf(string characters) => [.. characters.Select(character => Bytes[character])];
}

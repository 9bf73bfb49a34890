using System.Text;
using System.Text.RegularExpressions;

namespace Superposition.Tests.Hostile;

/// <summary>
/// Words of a text exchanged, doubled, left out, or made into what readers fear: numbers without end, names of other files, keys that stand
/// twice, brackets in brackets. The text mostly keeps its form, so that the checks behind the parser are reached.
/// </summary>
static partial class TextDamage
{
    static readonly string[] Numbers =
    [
        "-1", "0", "1", "2", "3", "8", "255", "65", "2147483647", "2147483648", "4294967296", "9223372036854775807", "9223372036854775808", "-9223372036854775808",
        "1e3", "1e308", "1e999", "-1e999", "0.5", "-0", "1e-400", "NaN", "Infinity", "true", "false", "null", "{}", "[]", "\"\"", new string('9', 400),
    ];

    static readonly string[] Strings =
    [
        "", "../../x", "/etc/passwd", "C:\\\\x", "..\\\\..\\\\x", "x/../../y", "\\ud800", "\\u0000", "__metadata__", "<script>alert(1)</script>", "🙂", "W", "name", "type", "F32",
        "|O", ">f4", "1", "null", "<0x00>", new string('a', 5000), "run.json", "a\\nb", "\\\"",
    ];

    static readonly int[] Depths = [1, 2, 3, 5, 63, 64, 65, 200, 2000];

    /// <summary>With what goes before the text and behind it put around it again.</summary>
    public static Damage Of(string sound, Func<byte[], byte[]>? around = null)
    {
        string[] words = [.. Words().Matches(sound).Select(match => match.Value)];
        return blows =>
        {
            var changed = (string[])words.Clone();
            foreach (var blow in blows) changed[blow.Place % words.Length] = Word(words, blow);
            var text = Encoding.UTF8.GetBytes(string.Concat(changed));
            return around is null ? text : around(text);
        };
    }

    static string Word(string[] words, Blow blow)
    {
        var word = words[blow.Place % words.Length];
        var depth = Depths[blow.Choice % Depths.Length];
        return (blow.Kind % 48) switch
        {
            0 => "",
            1 => word + word,
            2 => words[blow.Choice % words.Length],
            3 => string.Concat(Enumerable.Repeat("[", depth)) + word + string.Concat(Enumerable.Repeat("]", depth)),
            4 => string.Concat(Enumerable.Repeat("{\"a\":", depth)) + word + new string('}', depth),
            5 => word + ",",
            6 => $"{word},{word}",
            _ when word[0] is '"' or '\'' => blow.Kind % 5 == 0 ? Numbers[blow.Choice % Numbers.Length] : $"{word[0]}{Strings[blow.Choice % Strings.Length]}{word[0]}",
            _ when char.IsAsciiLetterOrDigit(word[0]) || word[0] == '-' => Numbers[blow.Choice % Numbers.Length],
            _ => word,
        };
    }

    [GeneratedRegex("""
        "(?:[^"\\]|\\.)*"|'[^']*'|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\w+|\s+|.
        """, RegexOptions.Singleline)]
    private static partial Regex Words();
}

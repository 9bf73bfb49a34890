using System.Text;
using System.Text.RegularExpressions;

namespace Superposition.Models;

/// <summary>
/// Where a text falls into words that are encoded each for itself. Only patterns known by heart are run: one of a file could be another
/// than it is here, or take for ever.
/// </summary>
internal sealed partial class WordSplit
{
    readonly Regex pattern;
    readonly bool digitsAlone;

    WordSplit(Regex pattern, bool digitsAlone) => (this.pattern, this.digitsAlone) = (pattern, digitsAlone);

    /// <summary>That of GPT-2 (encoder.py), perhaps with each digit a word of its own.</summary>
    public static WordSplit Gpt2(bool digitsAlone) => new(Gpt2Pattern(), digitsAlone);

    /// <summary>That of a pattern; null where it is not known.</summary>
    public static WordSplit? Of(string pattern) => pattern == Llama3Text ? new(Llama3Pattern(), digitsAlone: false) : null;

    /// <summary>Words in their order; together they are the text.</summary>
    public IEnumerable<string> Words(IEnumerable<Rune> text)
    {
        Rune[] runes = [.. text];
        for (int first = 0, end; first < runes.Length; first = end)
        {
            end = first + 1;
            if (digitsAlone && Rune.IsNumber(runes[first]))
            {
                yield return runes[first].ToString();
                continue;
            }
            while (end < runes.Length && !(digitsAlone && Rune.IsNumber(runes[end]))) end++;
            // .NET's patterns see halves of the characters beyond 16 bits: one of the same class stands for each.
            foreach (Match match in pattern.Matches(new string([.. runes[first..end].Select(StandIn)])))
                yield return string.Concat(runes[(first + match.Index)..(first + match.Index + match.Length)]);
        }
    }

    static char StandIn(Rune rune) => rune.IsBmp ? (char)rune.Value : Rune.IsLetter(rune) ? 'ª' : Rune.IsNumber(rune) ? '²' : '☃';

    internal const string Llama3Text = @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    [GeneratedRegex(Llama3Text, RegexOptions.CultureInvariant)]
    private static partial Regex Llama3Pattern();

    [GeneratedRegex(@"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+", RegexOptions.CultureInvariant)]
    private static partial Regex Gpt2Pattern();
}

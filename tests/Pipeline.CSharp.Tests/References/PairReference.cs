using System.Text;

namespace Superposition.Tests.References;

/// <summary>Byte-pair encoding with plain loops (Sennrich et al. 2016, algorithm 1): learnt from a text, and done one pair at a time.</summary>
sealed class PairReference
{
    /// <summary>Each token's bytes; the first 256 are the bytes themselves.</summary>
    public List<byte[]> Tokens { get; } = [.. Enumerable.Range(0, 256).Select(value => new[] { (byte)value })];

    /// <summary>Pairs of tokens, the first the soonest; pair i makes token 256 + i.</summary>
    public List<(int Left, int Right)> Pairs { get; } = [];

    /// <summary>Joins the most frequent pair of a text, so many times; of equally frequent ones that of the smallest numbers.</summary>
    public PairReference(string text, int pairs)
    {
        var parts = Encoding.UTF8.GetBytes(text).Select(value => (int)value).ToList();
        for (var i = 0; i < pairs; i++)
        {
            // Not aa + a where there is a + aa: a vocabulary has each token once.
            var pair = parts.Zip(parts.Skip(1)).GroupBy(found => found).OrderByDescending(group => group.Count()).ThenBy(group => group.Key).Select(group => group.Key)
                .First(found => !Tokens.Any(token => token.SequenceEqual(Union(found))));
            Pairs.Add(pair);
            Tokens.Add(Union(pair));
            Join(parts, pair, Tokens.Count - 1);
        }
    }

    byte[] Union((int Left, int Right) pair) => [.. Tokens[pair.Left], .. Tokens[pair.Right]];

    /// <summary>The tokens of a word: again and again the soonest pair there is, wherever it stands, from left to right.</summary>
    public int[] Encode(string word)
    {
        var parts = Encoding.UTF8.GetBytes(word).Select(value => (int)value).ToList();
        while (parts.Zip(parts.Skip(1)).Select(pair => Pairs.IndexOf(pair)).Where(at => at >= 0).DefaultIfEmpty(-1).Min() is >= 0 and var soonest)
            Join(parts, Pairs[soonest], 256 + soonest);
        return [.. parts];
    }

    static void Join(List<int> parts, (int, int) pair, int token)
    {
        for (var i = 0; i + 1 < parts.Count; i++)
            if ((parts[i], parts[i + 1]) == pair)
            {
                parts[i] = token;
                parts.RemoveAt(i + 1);
            }
    }
}

using System.Globalization;

namespace Superposition.Models;

/// <summary>What a <see cref="ScoredTokenizer"/> joins.</summary>
/// <param name="Pieces">The text of each token; a blank is a blank.</param>
/// <param name="Scores">How soon each is joined: the highest first.</param>
/// <param name="IsText">Whether a token stands for its text; others mark (a beginning, an end) or are bytes.</param>
internal sealed record ScoredPieces(string[] Pieces, float[] Scores, bool[] IsText)
{
    /// <summary>The token of byte 0; those of the other 255 follow.</summary>
    public required int FirstByte { get; init; }

    /// <summary>The token that begins a text; null where there is none.</summary>
    public int? Beginning { get; init; }

    /// <summary>The token that ends one; null where there is none.</summary>
    public int? End { get; init; }

    /// <summary>Whether a blank goes before a text, so that its first word is a word like others.</summary>
    public bool BlankBefore { get; init; } = true;

    /// <summary>What is taken for a blank too: SentencePiece writes blanks as ▁. Null where nothing is.</summary>
    public char? WrittenBlank { get; init; }

    /// <summary>&lt;0x0A&gt;</summary>
    public static string ByteName(int value) => string.Create(CultureInfo.InvariantCulture, $"<0x{value:X2}>");

    /// <summary>The first byte that has no token at its place; null where all have.</summary>
    public static int? NoByte(string[] pieces, int firstByte)
    {
        for (var value = 0; value < 256; value++)
            if (pieces.Length <= firstByte + value || pieces[firstByte + value] != ByteName(value)) return value;
        return null;
    }
}

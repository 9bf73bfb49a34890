namespace Superposition.Models;

/// <summary>Text to tokens and back; a token is its number.</summary>
public abstract class TextTokenizer
{
    /// <summary>How many tokens there are.</summary>
    public abstract int Vocabulary { get; }

    /// <summary>The token that begins a text; null where there is none.</summary>
    public abstract int? Beginning { get; }

    /// <summary>The token that ends one; null where there is none.</summary>
    public abstract int? End { get; }

    /// <summary>The tokens of a text, without those that begin and end one.</summary>
    /// <exception cref="ArgumentException">The text is no valid Unicode, or has what the tokenizer has no token for.</exception>
    public abstract int[] Encode(string text);

    /// <summary>The text of tokens; those that begin and end one have none.</summary>
    public abstract string Decode(ReadOnlySpan<int> tokens);

    /// <summary>One token as a reader may see it, such as " girl" or "&lt;0x0A&gt;".</summary>
    public abstract string Piece(int token);
}

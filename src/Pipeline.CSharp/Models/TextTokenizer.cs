using System.Text;

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

    /// <summary>This one, if it has the tokens of the model.</summary>
    /// <exception cref="ModelFileException">It has not.</exception>
    internal TextTokenizer Fitting(LlamaConfig config, string path) => Vocabulary == config.Vocabulary ? this
        : throw new ModelFileException(path, ModelFileReason.TokenizerDoesNotFit,
            $"expected the {config.Vocabulary} tokens of the model, found {Vocabulary}. Take the tokenizer the model was trained with.");

    /// <summary>The characters of a text.</summary>
    /// <exception cref="ArgumentException">The text is no valid Unicode.</exception>
    private protected static IEnumerable<Rune> Runes(string text)
    {
        for (var at = 0; at < text.Length;)
        {
            if (!Rune.TryGetRuneAt(text, at, out var rune))
                throw new ArgumentException($"The text is no valid Unicode: a surrogate stands alone at {at}. Read it as UTF-8.", nameof(text));
            yield return rune;
            at += rune.Utf16SequenceLength;
        }
    }
}

using System.Text;
using Microsoft.ML.Tokenizers;

namespace Superposition.Models;

/// <summary>
/// Byte-pair encoding of the bytes of each word, as Llama 3 has it (Sennrich et al. 2016; the bytes of Radford et al. 2019, "Language Models
/// are Unsupervised Multitask Learners", §2.2). Microsoft.ML.Tokenizers joins the pairs.
/// </summary>
public sealed class ByteLevelTokenizer : TextTokenizer
{
    readonly Dictionary<string, int> vocabulary;
    readonly string?[] written;   // each token in the characters that stand for bytes; null where it only marks
    readonly string[] marks;
    readonly WordSplit words;
    readonly bool takesWholeWords;
    readonly BpeTokenizer pairs;

    internal ByteLevelTokenizer(ByteLevelPieces pieces, BpeTokenizer pairs, int? end)
    {
        (vocabulary, words, takesWholeWords, this.pairs) = (pieces.Vocabulary, pieces.Words, pieces.TakesWholeWords, pairs);
        (Vocabulary, Beginning, End) = (pieces.Count, pieces.Beginning, end is >= 0 && end < pieces.Count ? end : null);
        (written, marks) = (new string?[Vocabulary], new string[Vocabulary]);
        foreach (var (text, token) in vocabulary) written[token] = text;
        foreach (var (text, token) in pieces.Marks) (written[token], marks[token]) = (null, text);
    }

    /// <inheritdoc/>
    public override int Vocabulary { get; }

    /// <inheritdoc/>
    public override int? Beginning { get; }

    /// <inheritdoc/>
    public override int? End { get; }

    /// <summary>Reads tokenizer.json of Hugging Face's tokenizers.</summary>
    /// <param name="path">The file.</param>
    /// <param name="end">The token that ends a text, which the file does not tell; null where there is none.</param>
    /// <exception cref="ModelFileException">The file is damaged, or does more than pairs of bytes.</exception>
    public static ByteLevelTokenizer Read(string path, int? end)
    {
        using var stream = File.OpenRead(path);
        return Read(stream, path, end);
    }

    internal static ByteLevelTokenizer Read(Stream stream, string path, int? end)
    {
        var pieces = ByteLevelPieces.Of(ModelJson.Read(stream, path, ModelFileReason.NotTokenizer));
        try
        {
            return new(pieces, BpeTokenizer.Create(new BpeOptions(pieces.Vocabulary) { Merges = pieces.Merges }), end);
        }
        catch (Exception error) when (error is InvalidOperationException or ArgumentException)
        {
            throw new ModelFileException(path, ModelFileReason.NotTokenizer, $"expected merges of tokens that there are; {error.Message.TrimEnd('.')}. Copy it again.", error);
        }
    }

    /// <inheritdoc/>
    public override int[] Encode(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var tokens = new List<int>();
        foreach (var word in words.Words(Runes(text)))
        {
            var bytes = ByteCharacters.Of(word);
            if (takesWholeWords && vocabulary.TryGetValue(bytes, out var whole) && written[whole] is not null) tokens.Add(whole);
            else tokens.AddRange(pairs.EncodeToIds(bytes, considerPreTokenization: false, considerNormalization: false));
        }
        return [.. tokens];
    }

    /// <inheritdoc/>
    public override string Decode(ReadOnlySpan<int> tokens)
    {
        var bytes = new List<byte>();
        foreach (var token in tokens)
            if (written[token] is { } characters) bytes.AddRange(ByteCharacters.BytesOf(characters));
        return Encoding.UTF8.GetString([.. bytes]);
    }

    /// <inheritdoc/>
    public override string Piece(int token)
    {
        if (written[token] is not { } characters) return marks[token];
        var bytes = ByteCharacters.BytesOf(characters);
        // Part of a character has no text of its own.
        return System.Text.Unicode.Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes) : string.Concat(bytes.Select(value => ScoredPieces.ByteName(value)));
    }
}

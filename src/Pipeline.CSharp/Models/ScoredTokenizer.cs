using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Superposition.Models;

/// <summary>
/// Byte-pair encoding by score, as SentencePiece's and llama2.c's (run.c, encode): a blank goes before the text; characters without a
/// token fall apart into bytes, tokens 3 to 258; then, again and again, the neighbours whose union has the highest score become one.
/// </summary>
public sealed class ScoredTokenizer : TextTokenizer
{
    const int FirstByte = 3, BeginningToken = 1, EndToken = 2, LongestToken = 1 << 16, Gone = -1;

    static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    readonly string[] pieces;
    readonly float[] scores;
    readonly Dictionary<string, int> tokens = [];

    ScoredTokenizer(string[] pieces, float[] scores)
    {
        (this.pieces, this.scores) = (pieces, scores);
        for (var token = 0; token < pieces.Length; token++) tokens.TryAdd(pieces[token], token);
    }

    /// <inheritdoc/>
    public override int Vocabulary => pieces.Length;

    /// <inheritdoc/>
    public override int? Beginning => BeginningToken;

    /// <inheritdoc/>
    public override int? End => EndToken;

    /// <summary>
    /// Reads llama2.c's tokenizer.bin: int32 length of the longest token; then of each float32 score, int32 number of bytes, bytes in UTF-8.
    /// </summary>
    /// <exception cref="ModelFileException">The file is damaged, or has not the tokens of bytes.</exception>
    public static ScoredTokenizer Read(string path)
    {
        var bytes = File.ReadAllBytes(path);
        var (pieces, scores, at) = (new List<string>(), new List<float>(), sizeof(int));
        if (bytes.Length < sizeof(int)) throw Damaged(path, ModelFileReason.CutShort, "it has no header");
        while (at < bytes.Length)
        {
            if (bytes.Length - at < 2 * sizeof(int)) throw Damaged(path, ModelFileReason.CutShort, $"it ends within token {pieces.Count}");
            var score = BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(at));
            var length = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(at + sizeof(int)));
            at += 2 * sizeof(int);
            if (length is < 0 or > LongestToken || !float.IsFinite(score))
                throw Damaged(path, ModelFileReason.NotTokenizer, $"token {pieces.Count} claims {length} bytes and a score of {score}");
            if (length > bytes.Length - at)
                throw Damaged(path, ModelFileReason.CutShort, $"token {pieces.Count} claims {length} bytes, the file has {bytes.Length - at} left");
            try
            {
                pieces.Add(Utf8.GetString(bytes, at, length));
            }
            catch (DecoderFallbackException error)
            {
                throw Damaged(path, ModelFileReason.NotTokenizer, $"token {pieces.Count} is no UTF-8", error);
            }
            scores.Add(score);
            at += length;
        }
        for (var value = 0; value < 256; value++)
            if (pieces.Count <= FirstByte + value || pieces[FirstByte + value] != ByteName(value))
                throw Damaged(path, ModelFileReason.NotTokenizer, $"token {FirstByte + value} is not {ByteName(value)}");
        return new([.. pieces], [.. scores]);
    }

    static ModelFileException Damaged(string path, ModelFileReason reason, string what, Exception? inner = null) =>
        new(path, reason, $"expected a tokenizer of llama2.c; {what}. Copy it again.", inner);

    static string ByteName(int value) => string.Create(CultureInfo.InvariantCulture, $"<0x{value:X2}>");

    /// <inheritdoc/>
    public override int[] Encode(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length == 0) return [];
        var parts = new List<int>();
        foreach (var character in Characters(" " + text))
            if (tokens.TryGetValue(character, out var token)) parts.Add(token);
            else parts.AddRange(Utf8.GetBytes(character).Select(value => FirstByte + value));
        return Merge(parts);
    }

    static IEnumerable<string> Characters(string text)
    {
        for (var at = 0; at < text.Length;)
        {
            if (!Rune.TryGetRuneAt(text, at, out var rune))
                throw new ArgumentException($"The text is no valid Unicode: a surrogate stands alone at {at - 1}. Read it as UTF-8.", nameof(text));
            yield return rune.ToString();
            at += rune.Utf16SequenceLength;
        }
    }

    // Of neighbours with equal scores the first. Parts are a linked list; a union that has changed since it was queued is passed over.
    int[] Merge(List<int> parts)
    {
        var count = parts.Count;
        int[] before = [.. Enumerable.Range(-1, count)], after = [.. Enumerable.Range(1, count)];
        var unions = new PriorityQueue<(int Left, int LeftToken, int RightToken, int Union), (float, int)>();
        for (var i = 0; i + 1 < count; i++) Consider(i);
        while (unions.TryDequeue(out var best, out _))
        {
            var (left, right) = (best.Left, after[best.Left]);
            if (right == count || parts[left] != best.LeftToken || parts[right] != best.RightToken) continue;
            (parts[left], parts[right]) = (best.Union, Gone);
            after[left] = after[right];
            if (after[left] < count) before[after[left]] = left;
            if (before[left] >= 0) Consider(before[left]);
            if (after[left] < count) Consider(left);
        }
        return [.. parts.Where(token => token != Gone)];

        void Consider(int left)
        {
            var right = after[left];
            if (tokens.TryGetValue(pieces[parts[left]] + pieces[parts[right]], out var union))
                unions.Enqueue((left, parts[left], parts[right], union), (-scores[union], left));
        }
    }

    /// <inheritdoc/>
    public override string Decode(ReadOnlySpan<int> tokens)
    {
        var bytes = new List<byte>();
        foreach (var token in tokens)
            if (token is >= FirstByte and < FirstByte + 256) bytes.Add((byte)(token - FirstByte));
            else if (token > EndToken) bytes.AddRange(Encoding.UTF8.GetBytes(Piece(token)));
        var text = Encoding.UTF8.GetString([.. bytes]);
        return text.StartsWith(' ') ? text[1..] : text;   // the blank that Encode puts there
    }

    /// <inheritdoc/>
    public override string Piece(int token) => pieces[token];
}

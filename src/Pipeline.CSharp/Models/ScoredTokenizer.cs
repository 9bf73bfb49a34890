using System.Buffers.Binary;
using System.Text;

namespace Superposition.Models;

/// <summary>
/// Byte-pair encoding by score, as SentencePiece's and llama2.c's (run.c, encode): a blank goes before the text; characters without a
/// token fall apart into bytes; then, again and again, the neighbours whose union has the highest score become one, of equals the first
/// (bpe_model.cc).
/// </summary>
public sealed class ScoredTokenizer : TextTokenizer
{
    const int LongestToken = 1 << 16, MostTokens = 100_000, Gone = -1;

    static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    readonly ScoredPieces scored;
    readonly string[] pieces;
    readonly float[] scores;
    readonly Dictionary<string, int> tokens = [];

    internal ScoredTokenizer(ScoredPieces scored)
    {
        (this.scored, pieces, scores) = (scored, scored.Pieces, scored.Scores);
        for (var token = 0; token < pieces.Length; token++)
            if (scored.IsText[token]) tokens.TryAdd(pieces[token], token);
    }

    /// <inheritdoc/>
    public override int Vocabulary => pieces.Length;

    /// <inheritdoc/>
    public override int? Beginning => scored.Beginning;

    /// <inheritdoc/>
    public override int? End => scored.End;

    /// <summary>
    /// Reads llama2.c's tokenizer.bin: int32 length of the longest token; then of each float32 score, int32 number of bytes, bytes in UTF-8.
    /// </summary>
    /// <exception cref="ModelFileException">The file is damaged, or has not the tokens of bytes.</exception>
    public static ScoredTokenizer Read(string path) => Of(File.ReadAllBytes(path), path);

    internal static ScoredTokenizer Of(byte[] bytes, string path)
    {
        var (pieces, scores, at) = (new List<string>(), new List<float>(), sizeof(int));
        if (bytes.Length < sizeof(int)) throw Damaged(path, ModelFileReason.CutShort, "it has no header");
        while (at < bytes.Length)
        {
            if (pieces.Count == MostTokens) throw Damaged(path, ModelFileReason.NotTokenizer, $"it has more than {MostTokens} tokens");
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
        const int firstByte = 3;   // behind "unknown", "beginning" and "end"
        if (ScoredPieces.NoByte([.. pieces], firstByte) is { } value)
            throw Damaged(path, ModelFileReason.NotTokenizer, $"token {firstByte + value} is not {ScoredPieces.ByteName(value)}");
        return new(new([.. pieces], [.. scores], [.. pieces.Select((_, token) => token >= firstByte + 256)])
        {
            FirstByte = firstByte, Beginning = 1, End = 2,
        });
    }

    static ModelFileException Damaged(string path, ModelFileReason reason, string what, Exception? inner = null) =>
        new(path, reason, $"expected a tokenizer of llama2.c; {what}. Copy it again.", inner);

    /// <inheritdoc/>
    public override int[] Encode(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length == 0) return [];
        var parts = new List<int>();
        if (scored.BlankBefore) Add(" ");
        foreach (var rune in Runes(text)) Add(rune.Value == scored.WrittenBlank ? " " : rune.ToString());
        return Merge(parts);

        void Add(string character)
        {
            if (tokens.TryGetValue(character, out var token)) parts.Add(token);
            else parts.AddRange(Utf8.GetBytes(character).Select(value => scored.FirstByte + value));
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
            if (token >= scored.FirstByte && token < scored.FirstByte + 256) bytes.Add((byte)(token - scored.FirstByte));
            else if (scored.IsText[token]) bytes.AddRange(Encoding.UTF8.GetBytes(Piece(token)));
        var text = Encoding.UTF8.GetString([.. bytes]);
        return scored.BlankBefore && text.StartsWith(' ') ? text[1..] : text;   // the blank that Encode puts there
    }

    /// <inheritdoc/>
    public override string Piece(int token) => pieces[token];
}

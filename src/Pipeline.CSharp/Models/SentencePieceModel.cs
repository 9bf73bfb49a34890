using Google.Protobuf;
using Superposition.Storage;

namespace Superposition.Models;

/// <summary>
/// tokenizer.model of SentencePiece (sentencepiece_model.proto: pieces = 1, trainer_spec = 2, normalizer_spec = 3), as Llama 1 and 2 have it.
/// It is joined by <see cref="ScoredTokenizer"/>: Microsoft.ML.Tokenizers 2.0.1 takes the last of equal neighbours, so that "aaa" becomes
/// a + aa where SentencePiece has aa + a. Settings are refused that would need more than joining.
/// </summary>
internal sealed class SentencePieceModel
{
    // The numbers of the proto. A field stands before its value as number · 8 + how it is written.
    const int NormalPiece = 1, UserDefinedPiece = 4, UnusedPiece = 5, PairsModel = 2;
    const char Blank = '\u2581';
    const uint Varint = 0, Bytes = 2, Single = 5;

    readonly List<(string Text, float Score, int Type)> pieces = [];
    readonly Dictionary<int, ulong> trainer = [], normalizer = [];
    bool hasCharacterMap;

    /// <exception cref="ModelFileException">It is no such file, damaged, or of a kind that is not read.</exception>
    public static ScoredTokenizer Read(string path) => Of(File.ReadAllBytes(path), path);

    /// <inheritdoc cref="Read"/>
    public static ScoredTokenizer Of(byte[] bytes, string path)
    {
        var model = new SentencePieceModel();
        try
        {
            model.Take(bytes);
        }
        catch (Exception error) when (error is InvalidProtocolBufferException or InvalidOperationException)
        {
            throw new ModelFileException(path, ModelFileReason.NotTokenizer, $"expected a model of SentencePiece; {error.Message.TrimEnd('.')}. Copy it again.", error);
        }
        return new(model.Pieces(path));
    }

    void Take(byte[] bytes) => Fields(bytes, (tag, input) =>
    {
        if (tag == Tag(1, Bytes)) pieces.Add(Piece(input.ReadBytes().ToByteArray()));
        else if (tag == Tag(2, Bytes)) Numbers(input.ReadBytes().ToByteArray(), trainer);
        else if (tag == Tag(3, Bytes)) Normalizer(input.ReadBytes().ToByteArray());
        else return false;
        return true;
    });

    static (string, float, int) Piece(byte[] bytes)
    {
        var (text, score, type) = ("", 0f, NormalPiece);
        Fields(bytes, (tag, input) =>
        {
            if (tag == Tag(1, Bytes)) text = input.ReadString();
            else if (tag == Tag(2, Single)) score = input.ReadFloat();
            else if (tag == Tag(3, Varint)) type = input.ReadEnum();
            else return false;
            return true;
        });
        return (text, score, type);
    }

    void Normalizer(byte[] bytes)
    {
        Numbers(bytes, normalizer);
        Fields(bytes, (tag, input) =>
        {
            if (tag != Tag(2, Bytes)) return false;
            hasCharacterMap |= input.ReadBytes().Length > 0;
            return true;
        });
    }

    // All that is asked for below is written as varints.
    static void Numbers(byte[] bytes, Dictionary<int, ulong> numbers) => Fields(bytes, (tag, input) =>
    {
        if (WireFormat.GetTagWireType(tag) != WireFormat.WireType.Varint) return false;
        numbers[WireFormat.GetTagFieldNumber(tag)] = input.ReadUInt64();
        return true;
    });

    static uint Tag(int field, uint written) => (uint)field << 3 | written;

    static void Fields(byte[] bytes, Func<uint, CodedInputStream, bool> take)
    {
        using var input = new CodedInputStream(bytes);
        while (input.ReadTag() is not 0 and var tag)
            if (!take(tag, input)) input.SkipLastField();
    }

    ScoredPieces Pieces(string path)
    {
        string[] texts = [.. pieces.Select(piece => piece.Text.Replace(Blank, ' '))];
        var firstByte = Array.IndexOf(texts, ScoredPieces.ByteName(0));
        string[] problems =
        [
            .. trainer.GetValueOrDefault(3, 1UL) != PairsModel ? ["its model_type is not BPE"] : Array.Empty<string>(),
            .. trainer.GetValueOrDefault(24) != 0 ? ["it takes blanks for suffixes"] : Array.Empty<string>(),
            .. trainer.GetValueOrDefault(35) == 0 ? ["it has no byte_fallback"] : Array.Empty<string>(),
            .. hasCharacterMap ? ["it changes characters before it encodes them"] : Array.Empty<string>(),
            .. normalizer.GetValueOrDefault(4, 1UL) != 0 ? ["it removes blanks"] : Array.Empty<string>(),
            .. normalizer.GetValueOrDefault(5, 1UL) == 0 ? ["it does not escape blanks"] : Array.Empty<string>(),
            .. pieces.Where(piece => piece.Type is UserDefinedPiece or UnusedPiece).Take(1).Select(piece => $"{ErrorText.Quote(piece.Text)} is user-defined or unused"),
            .. pieces.Where(piece => !float.IsFinite(piece.Score)).Take(1).Select(piece => $"{ErrorText.Quote(piece.Text)} has a score of {piece.Score}"),
            .. ScoredPieces.NoByte(texts, Math.Max(0, firstByte)) is { } value ? [$"it has no token {ScoredPieces.ByteName(value)} at its place"] : Array.Empty<string>(),
        ];
        if (problems.Length > 0)
            throw new ModelFileException(path, ModelFileReason.NotTokenizer,
                $"expected a model of SentencePiece as Llama has it; {string.Join("; ", problems)}. It is not read: take the tokenizer of a Llama.");
        return new(texts, [.. pieces.Select(piece => piece.Score)], [.. pieces.Select(piece => piece.Type == NormalPiece)])
        {
            FirstByte = firstByte, WrittenBlank = Blank, Beginning = Marker(41, 1), End = Marker(42, 2), BlankBefore = normalizer.GetValueOrDefault(3, 1UL) != 0,
        };
    }

    // A negative number says that there is none, and is written with 64 bits.
    int? Marker(int field, int otherwise) =>
        (long)trainer.GetValueOrDefault(field, (ulong)otherwise) is >= 0 and var token && token < pieces.Count ? (int)token : null;
}

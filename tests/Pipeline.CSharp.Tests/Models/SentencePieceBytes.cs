using Google.Protobuf;
using Superposition.Models;

namespace Superposition.Tests.Models;

/// <summary>A tokenizer.model, field by field (sentencepiece_model.proto).</summary>
static class SentencePieceBytes
{
    public const int Normal = 1, Unknown = 2, Control = 3, UserDefined = 4, Unused = 5, Byte = 6;

    /// <summary>unknown, beginning, end and the bytes, which every tokenizer of the family begins with.</summary>
    public static (string Text, float Score, int Type)[] First =>
    [
        ("<unk>", 0, Unknown), ("<s>", 0, Control), ("</s>", 0, Control), .. Enumerable.Range(0, 256).Select(value => ($"<0x{value:X2}>", 0f, Byte)),
    ];

    /// <summary>The first so many tokens of stories260K.</summary>
    public static byte[] OfStories(int count = 512) =>
        Of([.. First, .. StoriesTokens().Skip(259).Select(token => (token.Text.Replace(' ', '▁'), token.Score, Normal))], count);

    /// <summary>Fields beyond the first are those of the trainer and the normalizer that are set, by their numbers.</summary>
    public static byte[] Of(
        (string Text, float Score, int Type)[] pieces, int count = int.MaxValue,
        Dictionary<int, long>? trainer = null, Dictionary<int, long>? normalizer = null, byte[]? characterMap = null) => Message(output =>
    {
        foreach (var (text, score, type) in pieces.Take(count))
            Write(output, 1, Message(piece =>
            {
                piece.WriteTag(1, WireFormat.WireType.LengthDelimited);
                piece.WriteString(text);
                piece.WriteTag(2, WireFormat.WireType.Fixed32);
                piece.WriteFloat(score);
                if (type == Normal) return;   // the default
                piece.WriteTag(3, WireFormat.WireType.Varint);
                piece.WriteEnum(type);
            }));
        // model_type BPE, byte_fallback; a text among them, which is passed over.
        Write(output, 2, Message(spec =>
        {
            Write(spec, 1, "corpus.txt"u8.ToArray());
            Numbers(spec, new() { [3] = 2, [4] = pieces.Length, [35] = 1 }, trainer);
        }));
        // add_dummy_prefix, not remove_extra_whitespaces, escape_whitespaces
        Write(output, 3, Message(spec =>
        {
            Write(spec, 1, "identity"u8.ToArray());
            if (characterMap is not null) Write(spec, 2, characterMap);
            Numbers(spec, new() { [3] = 1, [4] = 0, [5] = 1 }, normalizer);
        }));
    });

    /// <summary>Those of llama2.c's tokenizer.bin: int32, then of each float32 score, int32 length, text.</summary>
    public static IEnumerable<(string Text, float Score)> StoriesTokens()
    {
        var bytes = File.ReadAllBytes(System.IO.Path.Combine(Stories.Folder, "tokenizer.bin"));
        for (var at = 4; at < bytes.Length;)
        {
            var (score, length) = (BitConverter.ToSingle(bytes, at), BitConverter.ToInt32(bytes, at + 4));
            yield return (System.Text.Encoding.UTF8.GetString(bytes, at + 8, length), score);
            at += 8 + length;
        }
    }

    static void Numbers(CodedOutputStream output, Dictionary<int, long> numbers, Dictionary<int, long>? changed)
    {
        foreach (var (field, value) in changed ?? []) numbers[field] = value;
        foreach (var (field, value) in numbers)
        {
            output.WriteTag(field, WireFormat.WireType.Varint);
            output.WriteInt64(value);
        }
    }

    static void Write(CodedOutputStream output, int field, byte[] bytes)
    {
        output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        output.WriteBytes(ByteString.CopyFrom(bytes));
    }

    static byte[] Message(Action<CodedOutputStream> write)
    {
        using var stream = new MemoryStream();
        using (var output = new CodedOutputStream(stream, leaveOpen: true)) write(output);
        return stream.ToArray();
    }
}

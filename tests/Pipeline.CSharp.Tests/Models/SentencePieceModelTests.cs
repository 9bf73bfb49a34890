using CsCheck;
using Microsoft.ML.Tokenizers;
using Superposition.Models;
using Xunit;

namespace Superposition.Tests.Models;

public sealed class SentencePieceModelTests
{
    static readonly ScoredTokenizer Tokenizer = Read(SentencePieceBytes.OfStories());

    [Fact]
    public void Tokens_of_stories260K_are_those_of_its_own_format() => Gen.OneOf(
        Gen.String, Gen.Char["abcdeghilnorstuwy ,.\"\n"].Array[0, 60].Select(c => new string(c))).Sample(text =>
    {
        text = text.Replace('\u2581', ' ');   // which SentencePiece takes for a blank
        if (!IsUnicode(text)) return;
        Assert.Equal(Stories.Model.Tokenizer.Encode(text), Tokenizer.Encode(text));
        Assert.Equal(text, Tokenizer.Decode(Tokenizer.Encode(text)));
    });

    [Fact]
    public void Tokens_of_ten_prompts_are_those_of_Microsoft_ML_Tokenizers()
    {
        var theirs = LlamaTokenizer.Create(new MemoryStream(SentencePieceBytes.OfStories()), addBeginOfSentence: false, addEndOfSentence: false);
        foreach (var prompt in Stories.Prompts) Assert.Equal(theirs.EncodeToIds(prompt), Tokenizer.Encode(prompt));
    }

    [Fact]
    public void The_character_that_is_written_for_a_blank_is_one()
    {
        Assert.Equal(Tokenizer.Encode("Once upon"), Tokenizer.Encode("Once▁upon"));
        Assert.Equal("Once▁upon", Stories.Model.Tokenizer.Decode(Stories.Model.Tokenizer.Encode("Once▁upon")));   // llama2.c writes none
    }

    // bpe_model.cc of SentencePiece: of equal scores the leftmost comes first.
    [Fact]
    public void Of_equal_neighbours_the_first_become_one()
    {
        var tokenizer = Read(SentencePieceBytes.Of([.. SentencePieceBytes.First, ("aa", -1, 1), ("▁", -2, 1), ("▁▁", -1.5f, 1), ("a", -3, 1), ("b", -4, 1)]));
        Assert.Equal([" ", "b", "aa", "a"], tokenizer.Encode("baaa").Select(tokenizer.Piece));
        Assert.Equal([" ", "b", "  ", " "], tokenizer.Encode("b   ").Select(tokenizer.Piece));
    }

    [Fact]
    public void Marks_are_never_encoded_and_have_no_text()
    {
        var tokenizer = Read(SentencePieceBytes.Of([.. SentencePieceBytes.First, ("<s", -1, 1), ("<", -2, 1), ("s", -2, 1), (">", -2, 1), ("▁", -3, 1)]));
        Assert.Equal((1, 2), (tokenizer.Beginning, tokenizer.End));
        Assert.Equal([" ", "<s", ">"], tokenizer.Encode("<s>").Select(tokenizer.Piece));
        Assert.Equal("s", tokenizer.Decode([1, 261, 2]));
    }

    [Fact]
    public void Beginning_end_and_the_blank_before_are_as_the_file_says()
    {
        var tokenizer = Read(SentencePieceBytes.Of([.. SentencePieceBytes.First, ("a", -1, 1)], trainer: new() { [41] = -1, [42] = 1 }, normalizer: new() { [3] = 0 }));
        Assert.Equal((null, 1), (tokenizer.Beginning, tokenizer.End));
        Assert.Equal(["a"], tokenizer.Encode("a").Select(tokenizer.Piece));
        Assert.Equal(" a", tokenizer.Decode(tokenizer.Encode(" a")));
    }

    [Fact]
    public void A_damaged_file_is_refused()
    {
        var whole = SentencePieceBytes.OfStories();
        foreach (var bytes in new[] { [], [1, 2, 3], whole[..^5], whole[..(whole.Length / 2)], [.. whole, 7], "{\"model\":{}}"u8.ToArray(), new byte[100] }) Refused(bytes, "SentencePiece");
    }

    [Fact]
    public void Kinds_that_would_need_more_than_joining_are_refused_by_name()
    {
        (string, float, int)[] first = SentencePieceBytes.First;
        Refused(SentencePieceBytes.Of(first, trainer: new() { [3] = 1 }), "model_type");
        Refused(SentencePieceBytes.Of(first, trainer: new() { [24] = 1 }), "suffixes");
        Refused(SentencePieceBytes.Of(first, trainer: new() { [35] = 0 }), "byte_fallback");
        Refused(SentencePieceBytes.Of(first, normalizer: new() { [4] = 1 }), "removes blanks");
        Refused(SentencePieceBytes.Of(first, normalizer: new() { [5] = 0 }), "escape");
        Refused(SentencePieceBytes.Of(first, characterMap: [1, 2, 3]), "changes characters");
        Refused(SentencePieceBytes.Of([.. first, ("<mine>", 0, SentencePieceBytes.UserDefined)]), "<mine>");
        Refused(SentencePieceBytes.Of([.. first, ("<none>", 0, SentencePieceBytes.Unused)]), "<none>");
        Refused(SentencePieceBytes.Of([.. first, ("a", float.NaN, 1)]), "score");
        Refused(SentencePieceBytes.Of(first[..^1]), "<0xFF>");
        Refused(SentencePieceBytes.Of(first[..3]), "<0x00>");
    }

    static void Refused(byte[] bytes, string named)
    {
        var refused = Assert.Throws<ModelFileException>(() => Read(bytes));
        Assert.Equal(ModelFileReason.NotTokenizer, refused.Reason);
        Assert.Contains(named, refused.Message, StringComparison.Ordinal);
    }

    static ScoredTokenizer Read(byte[] bytes)
    {
        using var file = new TemporaryFile();
        File.WriteAllBytes(file.Path, bytes);
        return SentencePieceModel.Read(file.Path);
    }

    static bool IsUnicode(string text) => !text.EnumerateRunes().Any(rune => rune.Value == 0xFFFD);   // which a lone surrogate is enumerated as
}

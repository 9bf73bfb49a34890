using CsCheck;
using Superposition.Models;
using Superposition.Tests.Storage;
using Xunit;

namespace Superposition.Tests.Models;

public sealed class ScoredTokenizerTests
{
    static readonly byte[] Whole = File.ReadAllBytes(Path.Combine(Stories.Folder, "tokenizer.bin"));
    static readonly TextTokenizer Tokenizer = Stories.Model.Tokenizer;

    [Fact]
    public void Text_comes_back_as_it_was() => Gen.String.Sample(text =>
    {
        if (IsUnicode(text)) Assert.Equal(text, Tokenizer.Decode(Tokenizer.Encode(text)));
    });

    [Fact]
    public void Neighbours_become_one_where_the_score_of_their_union_is_highest()
    {
        foreach (var prompt in Stories.Prompts) Assert.Equal(OneByOne(prompt), Tokenizer.Encode(prompt));
        Gen.Char["abcdeghilnorstuwy ,.\""].Array[0, 60].Sample(characters => Assert.Equal(OneByOne(new(characters)), Tokenizer.Encode(new(characters))));
    }

    [Fact]
    public void Words_are_few_tokens_and_strange_characters_their_bytes()
    {
        Assert.Equal([" Once", " upon", " a", " time"], Tokenizer.Encode("Once upon a time").Select(Tokenizer.Piece));
        Assert.Equal(["<0xE2>", "<0x98>", "<0x83>"], Tokenizer.Encode("☃").Select(Tokenizer.Piece).TakeLast(3));
    }

    [Fact]
    public void A_lone_surrogate_is_refused() =>
        Assert.Contains("surrogate", Assert.Throws<ArgumentException>(() => Tokenizer.Encode("a\ud800b")).Message, StringComparison.Ordinal);

    [Fact]
    public void A_damaged_file_is_refused()
    {
        Assert.Equal(512, Read(Whole).Vocabulary);
        Assert.Equal(ModelFileReason.CutShort, Refused([]));
        Assert.Equal(ModelFileReason.CutShort, Refused(Whole[..^1]));
        Assert.Equal(ModelFileReason.CutShort, Refused([.. Whole, 1]));
        Assert.Equal(ModelFileReason.NotTokenizer, Refused(Whole[..EndOf(200)]));   // whole tokens, but not those of all bytes
        foreach (var length in new byte[] { 0x80, 0xFF })
        {
            var bytes = Whole.ToArray();
            bytes[11] = length;   // of the first token, which is then negative
            Assert.Equal(ModelFileReason.NotTokenizer, Refused(bytes));
        }
    }

    [Fact]
    public void A_tokenizer_of_another_model_does_not_fit()
    {
        using var folder = new TemporaryFolder();
        File.Copy(Path.Combine(Stories.Folder, "checkpoint.bin"), folder["checkpoint.bin"]);
        Assert.Equal(ModelFileReason.Missing, Assert.Throws<ModelFileException>(() => LanguageModel.Load(folder[""])).Reason);
        File.WriteAllBytes(folder["tokenizer.bin"], Whole[..EndOf(511)]);
        Assert.Equal(ModelFileReason.TokenizerDoesNotFit, Assert.Throws<ModelFileException>(() => LanguageModel.Load(folder[""])).Reason);
        Assert.Equal(ModelFileReason.NotModel, Assert.Throws<ModelFileException>(() => LanguageModel.Load(folder["nothing"])).Reason);
    }

    // As run.c does it: look at all neighbours, join the best, again.
    static int[] OneByOne(string text)
    {
        if (text.Length == 0) return [];
        var pieces = Enumerable.Range(0, Tokenizer.Vocabulary).Select(Tokenizer.Piece).ToArray();
        var parts = (" " + text).Select(c => Array.IndexOf(pieces, c.ToString()) is >= 0 and var token ? token : 3 + c).ToList();
        while (true)
        {
            var unions = Enumerable.Range(0, parts.Count - 1)
                .Select(i => (At: i, Token: Array.IndexOf(pieces, pieces[parts[i]] + pieces[parts[i + 1]]))).Where(union => union.Token >= 0).ToArray();
            if (unions.Length == 0) return [.. parts];
            var best = unions.MaxBy(union => Scores[union.Token]);
            parts[best.At] = best.Token;
            parts.RemoveAt(best.At + 1);
        }
    }

    static readonly float[] Scores = ReadScores();

    static float[] ReadScores()
    {
        var scores = new List<float>();
        for (var at = 4; at < Whole.Length; at += 8 + BitConverter.ToInt32(Whole, at + 4)) scores.Add(BitConverter.ToSingle(Whole, at));
        return [.. scores];
    }

    // Where so many tokens end.
    static int EndOf(int count)
    {
        var at = 4;
        for (var token = 0; token < count; token++) at += 8 + BitConverter.ToInt32(Whole, at + 4);
        return at;
    }

    static bool IsUnicode(string text)
    {
        for (var i = 0; i < text.Length; i++)
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1])) i++;
            else if (char.IsSurrogate(text[i])) return false;
        return true;
    }

    static ModelFileReason Refused(byte[] bytes) => Assert.Throws<ModelFileException>(() => Read(bytes)).Reason;

    static ScoredTokenizer Read(byte[] bytes)
    {
        using var file = new TemporaryFile();
        File.WriteAllBytes(file.Path, bytes);
        return ScoredTokenizer.Read(file.Path);
    }
}

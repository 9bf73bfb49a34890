using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Superposition.Models;
using Superposition.Tests.References;
using Xunit;

namespace Superposition.Tests.Models;

public sealed class ByteLevelTokenizerTests
{
    const string Llama3 = @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    // Learnt from stories whose words run into one another, so that blanks and line ends are in pairs too.
    static readonly PairReference Reference = new(string.Concat(Stories.Prompts) + "the cat and the dog sat on the mat, aaaa bbbb    \n\n\nää öö 123 1234 ☃☃ 😀😀", pairs: 120);

    static readonly ByteLevelTokenizer Tokenizer = Read(File(Reference));

    static readonly string[] Bits = ["the", " the", "aaa", "   ", "'S", "12345", "☃", "😀😀", "𝒳", "𝟙𝟚𝟛𝟜", "\n\n"];

    static readonly Gen<string> Texts = Gen.OneOf(
        Gen.String, Gen.Char["abcdehlnostw ,.'s\n\r1239äö"].Array[0, 40].Select(c => new string(c)),
        Gen.Int[0, Bits.Length - 1].Array[0, 12].Select(bits => string.Concat(bits.Select(bit => Bits[bit]))));

    [Fact]
    public void Words_are_joined_as_the_reference_joins_them() => Texts.Sample(text =>
    {
        if (!IsUnicode(text)) return;
        var words = WordSplit.Of(Llama3)!.Words(text.EnumerateRunes()).ToArray();
        Assert.Equal(text, string.Concat(words));
        Assert.Equal(words.SelectMany(Reference.Encode), Tokenizer.Encode(text));
        Assert.Equal(text, Tokenizer.Decode(Tokenizer.Encode(text)));
    });

    // By the patterns, read by hand; mathematical letters and digits are beyond 16 bits.
    [Theory]
    [InlineData("Hello world's 12345  \n\n x", "Hello", " world", "'s", " ", "123", "45", "  \n\n", " x")]
    [InlineData("I'LL go!!\n (now)", "I", "'LL", " go", "!!\n", " (", "now", ")")]
    [InlineData("a𝒳b 𝟙𝟚𝟛𝟜 😀", "a𝒳b", " ", "𝟙𝟚𝟛", "𝟜", " 😀")]
    [InlineData("tail   ", "tail", "   ")]
    [InlineData("")]
    public void Llama_3_splits_letters_with_what_stands_before_them_and_three_digits(string text, params string[] words) =>
        Assert.Equal(words, WordSplit.Of(Llama3)!.Words(text.EnumerateRunes()));

    [Theory]
    [InlineData(false, "Hello world's 12345  \n\n x", "Hello", " world", "'s", " 12345", "  \n\n", " x")]
    [InlineData(true, "in 2024  x", "in", " ", "2", "0", "2", "4", " ", " x")]
    [InlineData(true, "𝟙𝟚 ½", "𝟙", "𝟚", " ", "½")]
    [InlineData(false, "I'LL", "I", "'", "LL")]
    public void GPT_2_splits_with_the_blank_before_and_perhaps_each_digit(bool digitsAlone, string text, params string[] words) =>
        Assert.Equal(words, WordSplit.Gpt2(digitsAlone).Words(text.EnumerateRunes()));

    [Fact]
    public void A_pattern_that_is_not_known_is_not_run() => Assert.Null(WordSplit.Of("(a+)+$"));

    // ignore_merges of Hugging Face's tokenizers: a word that is a token is taken though no merges lead there.
    [Fact]
    public void A_word_that_is_a_token_is_taken_whole_only_where_merges_are_ignored()
    {
        foreach (var ignored in new[] { true, false })
        {
            var json = File(Reference);
            json["model"]!["ignore_merges"] = ignored;
            json["model"]!["vocab"]!["Ġxyzzy"] = Reference.Tokens.Count + 2;
            var tokenizer = Read(json);
            Assert.Equal(ignored ? [" xyzzy"] : Reference.Encode(" xyzzy").Select(tokenizer.Piece), tokenizer.Encode(" xyzzy").Select(tokenizer.Piece));
        }
    }

    [Fact]
    public void Marks_begin_and_end_a_text_and_are_never_encoded()
    {
        var (begin, end) = (Reference.Tokens.Count, Reference.Tokens.Count + 1);
        Assert.Equal((begin, end, end + 1), (Tokenizer.Beginning, Tokenizer.End, Tokenizer.Vocabulary));
        Assert.DoesNotContain(begin, Tokenizer.Encode("<|begin_of_text|>a"));
        Assert.Equal("a", Tokenizer.Decode([begin, 'a', end]));
        Assert.Equal("<|begin_of_text|>", Tokenizer.Piece(begin));
        var json = File(Reference);
        json["post_processor"] = null;
        Assert.Null(Read(json).Beginning);
        Assert.Null(Read(json, end: null).End);
    }

    [Fact]
    public void A_piece_is_its_text_or_its_bytes_where_it_is_part_of_a_character()
    {
        Assert.Equal((" ", "a", "<0xE2>"), (Tokenizer.Piece(' '), Tokenizer.Piece('a'), Tokenizer.Piece(0xE2)));
        Assert.Throws<ArgumentException>(() => Tokenizer.Encode("a\ud800b"));
    }

    [Fact]
    public void Merges_may_be_texts_or_pairs()
    {
        var json = File(Reference);
        var pairs = json["model"]!["merges"]!.AsArray().Select(merge => merge!.GetValue<string>().Split(' '));
        json["model"]!["merges"] = new JsonArray([.. pairs.Select(pair => (JsonNode)new JsonArray(pair[0], pair[1]))]);
        foreach (var prompt in Stories.Prompts) Assert.Equal(Tokenizer.Encode(prompt), Read(json).Encode(prompt));
    }

    [Fact]
    public void It_is_read_from_a_folder_without_tokenizer_model()
    {
        LlamaConfig config = new()
        {
            Dimensions = 8, Hidden = 8, Layers = 1, Heads = 2, KeyValueHeads = 1, Vocabulary = Tokenizer.Vocabulary, Context = 16, AdjacentPairs = false,
        };
        using var folder = new HubFolder(config, RandomModel.Weights(config, seed: 1));
        System.IO.File.Delete(folder["tokenizer.model"]);
        System.IO.File.WriteAllText(folder["tokenizer.json"], File(Reference).ToJsonString());
        folder.Config["eos_token_id"] = new JsonArray(Tokenizer.End, 7);
        using var model = folder.Write().Load();
        Assert.Equal((Tokenizer.Beginning, Tokenizer.End), (model.Tokenizer.Beginning, model.Tokenizer.End));
        Assert.Equal([Tokenizer.Beginning!.Value, .. Tokenizer.Encode("the cat")], model.Encode("the cat").Cast<int>());
    }

    [Theory]
    [InlineData("""{"model":null}""", "model")]
    [InlineData("""{"model":{"type":"Unigram"}}""", "Unigram")]
    [InlineData("""{"model":{"vocab":null}}""", "vocab")]
    [InlineData("""{"model":{"vocab":{"a":0}},"added_tokens":[]}""", "Ā")]
    [InlineData("""{"model":{"vocab":{"a":-1}}}""", "whole number")]
    [InlineData("""{"model":{"merges":["a"]}}""", "merge")]
    [InlineData("""{"model":{"merges":["a q"]}}""", "merges")]
    [InlineData("""{"model":{"merges":[["a"]]}}""", "merges")]
    [InlineData("""{"model":{"byte_fallback":true}}""", "byte_fallback")]
    [InlineData("""{"model":{"unk_token":"<unk>"}}""", "unk_token")]
    [InlineData("""{"model":{"dropout":0.1}}""", "dropout")]
    [InlineData("""{"model":{"end_of_word_suffix":"</w>"}}""", "end_of_word_suffix")]
    [InlineData("""{"normalizer":{"type":"NFC"}}""", "normalizer")]
    [InlineData("""{"pre_tokenizer":null}""", "pre_tokenizer")]
    [InlineData("""{"pre_tokenizer":{"type":"Whitespace"}}""", "pre_tokenizer")]
    [InlineData("""{"pre_tokenizer":{"type":"ByteLevel","add_prefix_space":true}}""", "pre_tokenizer")]
    [InlineData("""{"pre_tokenizer":{"type":"Sequence","pretokenizers":[{"type":"Split","behavior":"Isolated","pattern":{"Regex":"\\s+"}},{"type":"ByteLevel","add_prefix_space":false,"use_regex":false}]}}""", "pre_tokenizer")]
    [InlineData("""{"pre_tokenizer":{"type":"Sequence","pretokenizers":[{"type":"Digits","individual_digits":false},{"type":"ByteLevel","add_prefix_space":false}]}}""", "individual_digits")]
    [InlineData("""{"post_processor":{"type":"BertProcessing"}}""", "TemplateProcessing")]
    [InlineData("""{"post_processor":{"type":"TemplateProcessing","single":[]}}""", "single")]
    [InlineData("""{"added_tokens":[{"id":376,"content":"mine","special":false}]}""", "mine")]
    [InlineData("""{"added_tokens":[{"id":3000,"content":"mine","special":true}]}""", "gap")]
    [InlineData("""{"added_tokens":[{"id":65,"content":"mine","special":true}]}""", "own")]
    [InlineData("""{"added_tokens":{}}""", "added_tokens")]
    public void What_would_encode_otherwise_or_is_damaged_is_refused(string changed, string named)
    {
        var json = File(Reference);
        foreach (var (key, value) in JsonNode.Parse(changed)!.AsObject())
            if (key == "model" && value is not null)
                foreach (var (inner, changedTo) in value.AsObject()) json["model"]![inner] = changedTo?.DeepClone();
            else json[key] = value?.DeepClone();
        var refused = Assert.Throws<ModelFileException>(() => Read(json));
        Assert.True(refused.Reason is ModelFileReason.NotTokenizer or ModelFileReason.Missing, refused.Summary);
        Assert.Contains(named, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[1]")]
    [InlineData("{\"model\":")]
    public void What_is_no_JSON_object_is_refused(string text) =>
        Assert.Equal(ModelFileReason.NotTokenizer, Assert.Throws<ModelFileException>(() => Read(text, null)).Reason);

    // As Llama 3's: bytes in the characters of GPT-2, whose table is made here once more.
    static JsonObject File(PairReference reference)
    {
        var shown = Enumerable.Range(0, 256).Where(b => b is (>= 33 and <= 126) or (>= 161 and <= 172) or (>= 174)).ToList();
        var table = Enumerable.Range(0, 256).ToDictionary(b => (byte)b, b => shown.Contains(b) ? (char)b : (char)(256 + Enumerable.Range(0, b).Count(other => !shown.Contains(other))));
        string Written(int token) => string.Concat(reference.Tokens[token].Select(b => table[b]));
        return new()
        {
            ["added_tokens"] = new JsonArray(Mark(reference.Tokens.Count, "<|begin_of_text|>"), Mark(reference.Tokens.Count + 1, "<|end_of_text|>")),
            ["normalizer"] = null,
            ["pre_tokenizer"] = new JsonObject
            {
                ["type"] = "Sequence",
                ["pretokenizers"] = new JsonArray(
                    new JsonObject { ["type"] = "Split", ["pattern"] = new JsonObject { ["Regex"] = Llama3 }, ["behavior"] = "Isolated", ["invert"] = false },
                    new JsonObject { ["type"] = "ByteLevel", ["add_prefix_space"] = false, ["trim_offsets"] = true, ["use_regex"] = false }),
            },
            ["post_processor"] = JsonNode.Parse("""
                {"type":"Sequence","processors":[{"type":"ByteLevel"},
                 {"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"<|begin_of_text|>","type_id":0}},{"Sequence":{"id":"A","type_id":0}}]}]}
                """),
            ["model"] = new JsonObject
            {
                ["type"] = "BPE", ["dropout"] = null, ["unk_token"] = null, ["byte_fallback"] = false, ["ignore_merges"] = false,
                ["vocab"] = new JsonObject(reference.Tokens.Select((_, token) => KeyValuePair.Create(Written(token), (JsonNode?)token))),
                ["merges"] = new JsonArray([.. reference.Pairs.Select(pair => (JsonNode)$"{Written(pair.Left)} {Written(pair.Right)}")]),
            },
        };

        static JsonObject Mark(int token, string text) => new() { ["id"] = token, ["content"] = text, ["special"] = true };
    }

    static ByteLevelTokenizer Read(JsonObject json) => Read(json, Reference.Tokens.Count + 1);

    static ByteLevelTokenizer Read(JsonObject json, int? end) => Read(json.ToJsonString(), end);

    static ByteLevelTokenizer Read(string text, int? end)
    {
        using var file = new TemporaryFile();
        System.IO.File.WriteAllText(file.Path, text, new UTF8Encoding(false));
        return ByteLevelTokenizer.Read(file.Path, end);
    }

    static bool IsUnicode(string text) => !text.EnumerateRunes().Any(rune => rune.Value == 0xFFFD);   // which a lone surrogate is enumerated as
}

using System.Text.Json;
using Superposition.Storage;

namespace Superposition.Models;

/// <summary>
/// tokenizer.json of Hugging Face's tokenizers, where it holds pairs of bytes and nothing that would encode a text otherwise.
/// </summary>
/// <param name="Vocabulary">Each token in the characters that stand for its bytes.</param>
/// <param name="Merges">Pairs that are joined, the first the soonest.</param>
/// <param name="Marks">Tokens that stand for no text.</param>
/// <param name="Words">What is encoded for itself.</param>
internal sealed record ByteLevelPieces(
    Dictionary<string, int> Vocabulary, IReadOnlyList<string> Merges, IReadOnlyDictionary<string, int> Marks, WordSplit Words)
{
    // No tokenizer has more; beyond, a number is damaged.
    const int MostTokens = 1 << 20;

    /// <summary>Tokens there are, marks among them.</summary>
    public required int Count { get; init; }

    /// <summary>The mark that goes before a text; null where none does.</summary>
    public required int? Beginning { get; init; }

    /// <summary>Whether a word that is a token is taken as it is, though no merges lead to it.</summary>
    public required bool TakesWholeWords { get; init; }

    /// <exception cref="ModelFileException">The file is damaged, or does more than pairs of bytes.</exception>
    public static ByteLevelPieces Of(ModelJson json)
    {
        var model = json.Object("model") ?? throw json.Invalid("model", "an object");
        if (model.Text("type", "BPE") != "BPE") throw model.Invalid("type", "\"BPE\"");
        if (json.Has("normalizer")) throw json.Invalid("normalizer", "none, as byte-level tokenizers have it; take tokenizer.model, where there is one");
        foreach (var key in (string[])["dropout", "unk_token"])
            if (model.Has(key)) throw model.Invalid(key, "none");
        foreach (var key in (string[])["continuing_subword_prefix", "end_of_word_suffix"])
            if (model.Text(key, "").Length > 0) throw model.Invalid(key, "none");
        if (model.Flag("byte_fallback")) throw model.Invalid("byte_fallback", "false; take tokenizer.model, where there is one");

        var tokens = model.Object("vocab") ?? throw model.Invalid("vocab", "an object");
        var (vocabulary, marks, all) = (tokens.Numbers(MostTokens), MarksOf(json), new Dictionary<int, string>());
        foreach (var (text, token) in vocabulary.Concat(marks))
            if (!all.TryAdd(token, text) && all[token] != text)
                throw json.Invalid("added_tokens", $"a number of its own for {ErrorText.Quote(text)}, {token} being that of {ErrorText.Quote(all[token])}");
        if (all.Count > 0 && all.Keys.Max() >= all.Count) throw json.Invalid("added_tokens", $"numbers without a gap for all {all.Count} tokens");
        foreach (var mark in marks.Keys) vocabulary.Remove(mark);
        foreach (var character in ByteCharacters.InOrder)
            if (!vocabulary.ContainsKey(character.ToString())) throw model.Invalid("vocab", $"a token {ErrorText.Quote(character.ToString())}, as for every byte");
        if (vocabulary.Keys.FirstOrDefault(text => !ByteCharacters.Are(text)) is { } strange)
            throw tokens.Invalid(strange, "characters that stand for bytes");
        return new(vocabulary, [.. MergesOf(model)], marks, WordsOf(json))
        {
            Count = all.Count, Beginning = BeginningOf(json, marks), TakesWholeWords = model.Flag("ignore_merges"),
        };
    }

    // A token that is added but stands for text would be looked for in every text before it is split.
    static Dictionary<string, int> MarksOf(ModelJson json)
    {
        var marks = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var added in json.Objects("added_tokens"))
        {
            if (!added.Flag("special")) throw added.Invalid("special", $"true of the added token {added.Shown("content")}");
            marks[added.Text("content")] = added.Count("id", MostTokens, least: 0);
        }
        return marks;
    }

    // "a b", or ["a", "b"].
    static IEnumerable<string> MergesOf(ModelJson model) => model.List("merges").Select(merge =>
        ModelJson.TextOf(merge)
        ?? (merge.ValueKind == JsonValueKind.Array && merge.GetArrayLength() == 2 && ModelJson.TextOf(merge[0]) is { } first && ModelJson.TextOf(merge[1]) is { } second
            ? $"{first} {second}"
            : throw model.Invalid("merges", "pairs of tokens")));

    static WordSplit WordsOf(ModelJson json)
    {
        ModelJson[] steps = json.Object("pre_tokenizer") is not { } first ? [] : first.Text("type") == "Sequence" ? [.. first.Objects("pretokenizers")] : [first];
        if (steps is [.., var last] && last.Text("type") == "ByteLevel" && !last.Flag("add_prefix_space", fallback: true))
            switch (steps.Length, last.Flag("use_regex", fallback: true))
            {
                case (1, true): return WordSplit.Gpt2(digitsAlone: false);
                case (2, true) when steps[0].Text("type") == "Digits": return WordSplit.Gpt2(steps[0].Flag("individual_digits") ? true : throw steps[0].Invalid("individual_digits", "true"));
                case (2, false) when steps[0].Text("type") == "Split" && steps[0].Text("behavior") == "Isolated" && !steps[0].Flag("invert")
                    && steps[0].Object("pattern") is { } pattern && WordSplit.Of(pattern.Text("Regex")) is { } known:
                    return known;
            }
        throw json.Invalid("pre_tokenizer", "bytes split as GPT-2's or Llama 3's are");
    }

    // What a TemplateProcessing puts before a single text.
    static int? BeginningOf(ModelJson json, Dictionary<string, int> marks)
    {
        ModelJson[] steps = json.Object("post_processor") is not { } first ? [] : first.Text("type") == "Sequence" ? [.. first.Objects("processors")] : [first];
        foreach (var step in steps)
        {
            if (step.Text("type") == "ByteLevel") continue;
            if (step.Text("type") != "TemplateProcessing") throw step.Invalid("type", "TemplateProcessing or ByteLevel");
            ModelJson[] template = [.. step.Objects("single")];
            if (template is [var mark, var text] && text.Has("Sequence") && mark.Object("SpecialToken") is { } special && marks.TryGetValue(special.Text("id"), out var token))
                return token;
            if (template is not [var only] || !only.Has("Sequence")) throw step.Invalid("single", "a text, perhaps with one mark before it");
        }
        return null;
    }
}

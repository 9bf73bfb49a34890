namespace Superposition.Models;

/// <summary>The tokenizer of a Hugging Face folder: tokenizer.model of SentencePiece, or tokenizer.json of byte-level pairs.</summary>
internal static class HubTokenizer
{
    const string SentencePiece = "tokenizer.model", Json = "tokenizer.json";

    /// <summary>The one there is.</summary>
    /// <exception cref="ModelFileException">There is none, or it is damaged, of a kind that is not read, or another model's.</exception>
    public static TextTokenizer Read(string folder, LlamaConfig config)
    {
        // Where both lie there, the second was made from the first.
        var path = Path.Combine(folder, SentencePiece);
        if (File.Exists(path)) return SentencePieceModel.Read(path).Fitting(config, path);
        path = Path.Combine(folder, Json);
        if (File.Exists(path)) return ByteLevelTokenizer.Read(path, EndOf(folder)).Fitting(config, path);
        throw new ModelFileException(folder, ModelFileReason.Missing, $"expected {SentencePiece} or {Json} beside {LlamaFolderConfig.Name}. Copy it there.");
    }

    // tokenizer.json does not say which of its tokens ends a text. Where several do, the first ends what is no conversation.
    static int? EndOf(string folder)
    {
        const string key = "eos_token_id";
        var config = ModelJson.Read(Path.Combine(folder, LlamaFolderConfig.Name));
        return config.IsList(key) ? config.List(key).Select(element => element.TryGetInt32(out var token) ? (int?)token : null).FirstOrDefault()
            : config.Has(key) ? (int)config.Number(key, 0)
            : null;
    }
}

using System.Text.RegularExpressions;

namespace Superposition.Models;

/// <summary>
/// A folder of the Llama family as Hugging Face's transformers saves it (models/llama/modeling_llama.py): config.json, weights in safetensors,
/// whose queries and keys turn pairs (i, i + half), and a tokenizer.
/// </summary>
internal static partial class LlamaFolder
{
    const string Pickled = "pytorch_model.bin";

    /// <summary>Whether the folder has this layout, be it whole or not.</summary>
    public static bool Is(string folder) => File.Exists(Path.Combine(folder, LlamaFolderConfig.Name));

    /// <summary>All of it; the tokenizer before the weights, which take longest.</summary>
    /// <exception cref="ModelFileException">A part is missing, damaged, of a model that is not computed here, or does not fit.</exception>
    /// <exception cref="Storage.SafetensorsException">A file of weights breaks a rule of its format.</exception>
    public static (LlamaConfig Config, LlamaWeights Weights, TextTokenizer Tokenizer) Read(string folder)
    {
        var (config, isTied) = LlamaFolderConfig.Read(Path.Combine(folder, LlamaFolderConfig.Name));
        EnsureWeights(folder);
        var tokenizer = HubTokenizer.Read(folder, config);
        using var tensors = LlamaFolderTensors.Open(folder);
        return (config, Weights(tensors, config, isTied), tokenizer);
    }

    static void EnsureWeights(string folder)
    {
        if (File.Exists(Path.Combine(folder, LlamaFolderTensors.Single)) || File.Exists(Path.Combine(folder, LlamaFolderTensors.Index))) return;
        if (Directory.EnumerateFiles(folder, "pytorch_model*").Any())
            throw new ModelFileException(Path.Combine(folder, Pickled), ModelFileReason.NotSupported,
                "expected safetensors, found pickled weights, which may run any program when they are read. Convert them where that is safe: "
                + "python -c \"from transformers import AutoModelForCausalLM as M; M.from_pretrained('.').save_pretrained('.', safe_serialization=True)\"");
        throw new ModelFileException(folder, ModelFileReason.Missing,
            $"expected {LlamaFolderTensors.Single}, or {LlamaFolderTensors.Index} and the files that it names, beside {LlamaFolderConfig.Name}. Copy them too.");
    }

    static LlamaWeights Weights(LlamaFolderTensors tensors, LlamaConfig config, bool isTied)
    {
        int d = config.Dimensions, hidden = config.Hidden;
        int queries = Product(config.Heads, config.HeadDimensions), keys = Product(config.KeyValueHeads, config.HeadDimensions);
        var embedding = tensors.Matrix("model.embed_tokens.weight", config.Vocabulary, d);
        var blocks = new List<LlamaBlockWeights>();
        for (var layer = 0; layer < config.Layers; layer++)
        {
            var prefix = $"model.layers.{layer}.";
            blocks.Add(new(
                tensors.Vector($"{prefix}input_layernorm.weight", d),
                Of("self_attn.q_proj", queries, d), Of("self_attn.k_proj", keys, d), Of("self_attn.v_proj", keys, d), Of("self_attn.o_proj", d, queries),
                tensors.Vector($"{prefix}post_attention_layernorm.weight", d),
                Of("mlp.gate_proj", hidden, d), Of("mlp.up_proj", hidden, d), Of("mlp.down_proj", d, hidden)));

            float[,] Of(string part, int rows, int columns) => tensors.Matrix($"{prefix}{part}.weight", rows, columns);
        }
        var finalNorm = tensors.Vector("model.norm.weight", d);
        var head = isTied ? Tied(tensors, embedding) : tensors.Matrix("lm_head.weight", config.Vocabulary, d);
        tensors.PassOver(Frequencies().IsMatch);
        tensors.EnsureNoneLeft();
        return new(embedding, blocks, finalNorm, head);
    }

    // Sizes are at most 2^20 each: where the product does not fit, no tensor has it either, and its shape says so.
    static int Product(int heads, int width) => (int)Math.Min((long)heads * width, int.MaxValue);

    // A head that stands there though it is tied must be the embedding: else one of the two is not the model's.
    static float[,] Tied(LlamaFolderTensors tensors, float[,] embedding)
    {
        const string name = "lm_head.weight";
        if (tensors.Has(name)
            && !DataViews.Rows.Flat(tensors.Matrix(name, embedding.GetLength(0), embedding.GetLength(1))).SequenceEqual(DataViews.Rows.Flat(embedding)))
            throw new ModelFileException(tensors.Where, ModelFileReason.Unexpected,
                $"{name}: expected the embedding, for {LlamaFolderConfig.Name} says tie_word_embeddings, found other numbers. Which is meant? Correct the one or take out the other.");
        return embedding;
    }

    // Older files hold the frequencies of the rotary positions, which are computed here.
    [GeneratedRegex(@"^model\.layers\.\d+\.self_attn\.rotary_emb\.inv_freq$")]
    private static partial Regex Frequencies();
}

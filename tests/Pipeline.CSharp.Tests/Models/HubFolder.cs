using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Superposition.Models;
using Superposition.Storage;
using Superposition.Tests.Storage;

namespace Superposition.Tests.Models;

/// <summary>A model as transformers would save it.</summary>
sealed class HubFolder : IDisposable
{
    readonly TemporaryFolder folder = new();

    public HubFolder(LlamaConfig config, LlamaWeights weights, ElementType type = ElementType.F32)
    {
        var isTied = ReferenceEquals(weights.Embedding, weights.Head);
        Tensors = TensorsOf(weights, type, isTied);
        Config = new()
        {
            ["architectures"] = new JsonArray("LlamaForCausalLM"), ["model_type"] = "llama", ["hidden_act"] = "silu", ["bos_token_id"] = 1, ["eos_token_id"] = 2,
            ["hidden_size"] = config.Dimensions, ["intermediate_size"] = config.Hidden, ["num_hidden_layers"] = config.Layers, ["num_attention_heads"] = config.Heads,
            ["num_key_value_heads"] = config.KeyValueHeads, ["head_dim"] = config.HeadDimensions, ["vocab_size"] = config.Vocabulary,
            ["max_position_embeddings"] = config.Context, ["rope_theta"] = config.RotaryBase, ["rms_norm_eps"] = config.NormEpsilon,
            ["tie_word_embeddings"] = isTied, ["torch_dtype"] = "float32", ["use_cache"] = true, ["pretraining_tp"] = 1, ["rope_scaling"] = null,
        };
        File.WriteAllBytes(this["tokenizer.model"], SentencePieceBytes.OfStories(config.Vocabulary));
    }

    public Dictionary<string, StoredArray> Tensors { get; }

    public JsonObject Config { get; }

    public string this[string name] => folder[name];

    public string Path => folder[""];

    /// <summary>Writes config and weights, in so many files.</summary>
    public HubFolder Write(int files = 1)
    {
        File.WriteAllText(this["config.json"], Config.ToJsonString());
        if (files == 1) Safetensors.Write(this["model.safetensors"], Tensors);
        else
        {
            var map = new JsonObject();
            for (var i = 0; i < files; i++)
            {
                var (name, part) = ($"model-{i + 1:d5}-of-{files:d5}.safetensors", Tensors.Where((_, at) => at % files == i).ToArray());
                Safetensors.Write(this[name], part);
                foreach (var (tensor, _) in part) map[tensor] = name;
            }
            WriteIndex(map);
        }
        return this;
    }

    public void WriteIndex(JsonObject map) =>
        File.WriteAllText(this["model.safetensors.index.json"], new JsonObject { ["metadata"] = new JsonObject { ["total_size"] = 1 }, ["weight_map"] = map }.ToJsonString());

    public LanguageModel Load() => LanguageModel.Load(Path);

    /// <summary>stories260K with its rotary pairs as halves: coordinates 2i and 2i + 1 of a head become i and i + half.</summary>
    public static (LlamaConfig Config, LlamaWeights Weights) OfStories()
    {
        var (config, weights) = (Stories.Model.Config, Stories.Model.Weights);
        return (config, weights with
        {
            Blocks = [.. weights.Blocks.Select(block => block with { Query = Halves(block.Query, config.HeadDimensions), Key = Halves(block.Key, config.HeadDimensions) })],
        });
    }

    static float[,] Halves(float[,] matrix, int width)
    {
        var halves = new float[matrix.GetLength(0), matrix.GetLength(1)];
        for (var row = 0; row < halves.GetLength(0); row++)
            for (var column = 0; column < halves.GetLength(1); column++)
                halves[row / width * width + row % 2 * (width / 2) + row % width / 2, column] = matrix[row, column];
        return halves;
    }

    static Dictionary<string, StoredArray> TensorsOf(LlamaWeights weights, ElementType type, bool isTied)
    {
        var tensors = new Dictionary<string, StoredArray> { ["model.embed_tokens.weight"] = Matrix(weights.Embedding), ["model.norm.weight"] = Vector(weights.FinalNorm) };
        if (!isTied) tensors["lm_head.weight"] = Matrix(weights.Head);
        foreach (var (layer, block) in weights.Blocks.Index())
        {
            Add("input_layernorm", Vector(block.AttentionNorm));
            Add("self_attn.q_proj", Matrix(block.Query));
            Add("self_attn.k_proj", Matrix(block.Key));
            Add("self_attn.v_proj", Matrix(block.Value));
            Add("self_attn.o_proj", Matrix(block.Output));
            Add("post_attention_layernorm", Vector(block.FeedForwardNorm));
            Add("mlp.gate_proj", Matrix(block.Gate));
            Add("mlp.up_proj", Matrix(block.Up));
            Add("mlp.down_proj", Matrix(block.Down));

            void Add(string name, StoredArray array) => tensors[$"model.layers.{layer}.{name}.weight"] = array;
        }
        return tensors;

        StoredArray Vector(float[] values) => Stored(type, values, values.Length);
        StoredArray Matrix(float[,] values) => Stored(type, [.. values.Cast<float>()], values.GetLength(0), values.GetLength(1));
    }

    /// <summary>Rounded to a type.</summary>
    public static StoredArray Stored(ElementType type, float[] values, params long[] shape) => type switch
    {
        ElementType.F16 => StoredArray.OfBytes(type, MemoryMarshal.AsBytes<Half>([.. values.Select(value => (Half)value)]).ToArray(), shape),
        // The upper half of a single, rounded to nearest.
        ElementType.BF16 => StoredArray.OfBytes(type, MemoryMarshal.AsBytes<ushort>(
            [.. values.Select(value => (ushort)((BitConverter.SingleToUInt32Bits(value) + 0x8000) >> 16))]).ToArray(), shape),
        _ => StoredArray.Of(values, shape),
    };

    public void Dispose() => folder.Dispose();
}

using System.Text;
using System.Text.Json.Nodes;
using Superposition.Autoencoders;
using Superposition.DataViews;
using Superposition.Models;
using Superposition.Tests.Models;

namespace Superposition.Tests.Hostile;

/// <summary>Real models and what belongs to them: weights, configuration, tokenizers, ONNX.</summary>
static class ModelFormats
{
    public static FuzzedFormat Checkpoint => new("llama2.c checkpoint", [.. Checkpoints.SelectMany(sound => (Damage[])[ByteDamage.Of(sound), ByteDamage.Of(sound, 7 * sizeof(int))])],
        bytes => LlamaCheckpoint.Read(new MemoryStream(bytes), "x"), ReasonOf);

    public static FuzzedFormat Config => new("config.json", OfText(Configuration.ToJsonString()),
        bytes => LlamaFolderConfig.Of(ModelJson.Read(new MemoryStream(bytes), "x"), "x"), ReasonOf);

    public static FuzzedFormat SaeConfig => new("cfg.json", [.. Settings.SelectMany(OfText)],
        bytes => SaeLensConfig.Of(FormatConfig.Read(new MemoryStream(bytes), "x")), error => (error as SparseAutoencoderFileException)?.Reason.ToString());

    public static FuzzedFormat ScoredTokens => new("tokenizer.bin", [ByteDamage.Of(Scored), ByteDamage.Of(Scored, 40)], bytes => ScoredTokenizer.Of(bytes, "x"), ReasonOf);

    public static FuzzedFormat SentencePiece
    {
        get
        {
            var sound = SentencePieceBytes.Of([.. SentencePieceBytes.First, (" a", -1, SentencePieceBytes.Normal), ("a", -2, SentencePieceBytes.Normal)]);
            return new("tokenizer.model", [ProtobufDamage.Of(sound, (depth, _) => depth == 1), ByteDamage.Of(sound), ByteDamage.Of(sound, 200)], bytes => SentencePieceModel.Of(bytes, "x"), ReasonOf);
        }
    }

    public static FuzzedFormat ByteLevel => new("tokenizer.json", [OfText(Pairs.ToJsonString())[0], Few, OfText(Pairs.ToJsonString())[2]],
        bytes => ByteLevelTokenizer.Read(new MemoryStream(bytes), "x", end: 2), ReasonOf);

    public static FuzzedFormat Onnx => new("onnx", [ProtobufDamage.Of(Graph, (depth, number) => depth == 1 ? number == 7 : depth == 2 && number is 1 or 5 or 11 or 12), ByteDamage.Of(Graph)], bytes =>
    {
        var file = OnnxModelFile.Of(bytes, "x");
        file.WithOutput(file.Tensors[0]);
    }, error => (error as OnnxModelException)?.Reason.ToString());

    static string? ReasonOf(Exception error) => (error as ModelFileException)?.Reason.ToString();

    // d = 4 in two heads that share a key, one layer, six tokens; then with a head of its own.
    static IEnumerable<byte[]> Checkpoints
    {
        get
        {
            foreach (var vocabulary in (int[])[6, -6])
            {
                int[] sizes = [4, 3, 1, 2, 1, vocabulary, 5];
                var floats = 6 * 4 * (vocabulary > 0 ? 1 : 2) + 4 + 5 * 2 + (2 * 4 + 2 * 16 + 2 * 8 + 3 * 12);
                yield return [.. sizes.SelectMany(BitConverter.GetBytes), .. Enumerable.Repeat(0.5f, floats).SelectMany(BitConverter.GetBytes)];
            }
        }
    }

    static JsonObject Configuration => new()
    {
        ["architectures"] = new JsonArray("LlamaForCausalLM"), ["model_type"] = "llama", ["hidden_act"] = "silu", ["eos_token_id"] = 2, ["hidden_size"] = 8, ["intermediate_size"] = 6,
        ["num_hidden_layers"] = 2, ["num_attention_heads"] = 4, ["num_key_value_heads"] = 2, ["head_dim"] = 2, ["vocab_size"] = 12, ["max_position_embeddings"] = 16,
        ["rope_theta"] = 10000.5, ["rms_norm_eps"] = 1e-5, ["tie_word_embeddings"] = true, ["rope_scaling"] = new JsonObject { ["rope_type"] = "default", ["factor"] = 1.0 }, ["sliding_window"] = null,
    };

    static string[] Settings =>
    [
        """{"architecture":"topk","d_in":4,"d_sae":8,"k":2,"apply_b_dec_to_input":true,"normalize_activations":"none","reshape_activations":"none","rescale_acts_by_decoder_norm":false,"metadata":{"sae_lens_version":"6.38.0"},"dtype":"float32"}""",
        """{"d_in":4,"d_sae":8,"activation_fn_str":"topk","activation_fn_kwargs":{"k":2},"finetuning_scaling_factor":false,"normalize_activations":"expected_average_only_in","hook_name":"a","seed":1}""",
        """{"architecture":"matching_pursuit","d_in":4,"d_sae":8,"residual_threshold":0,"max_iterations":3,"stop_on_duplicate_support":true,"metadata":{"sae_lens_version":"6.38.0"}}""",
        """{"architecture":"jumprelu_skip_transcoder","d_in":4,"d_sae":8,"d_out":3,"apply_b_dec_to_input":false,"metadata":{"sae_lens_version":"6.38.0"}}""",
    ];

    static byte[] Scored
    {
        get
        {
            string[] pieces = ["<unk>", "<s>", "</s>", .. Enumerable.Range(0, 256).Select(ScoredPieces.ByteName), " a", "a", "é"];
            return [7, 0, 0, 0, .. pieces.SelectMany(piece => Token(piece))];

            static byte[] Token(string piece)
            {
                var bytes = Encoding.UTF8.GetBytes(piece);
                return [.. BitConverter.GetBytes(-1.5f), .. BitConverter.GetBytes(bytes.Length), .. bytes];
            }
        }
    }

    // All bytes, two merges, two marks.
    static JsonObject Pairs
    {
        get
        {
            string[] tokens = [.. ByteCharacters.InOrder.Select(character => character.ToString()), "ab", "abc"];
            return new()
            {
                ["added_tokens"] = new JsonArray([.. new[] { "<s>", "</s>" }.Select((text, i) => new JsonObject { ["id"] = tokens.Length + i, ["content"] = text, ["special"] = true })]),
                ["normalizer"] = null,
                ["pre_tokenizer"] = new JsonObject
                {
                    ["type"] = "Sequence",
                    ["pretokenizers"] = new JsonArray(new JsonObject { ["type"] = "Digits", ["individual_digits"] = true }, new JsonObject { ["type"] = "ByteLevel", ["add_prefix_space"] = false, ["use_regex"] = true }),
                },
                ["post_processor"] = JsonNode.Parse("""{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"<s>"}},{"Sequence":{"id":"A"}}]}"""),
                ["model"] = new JsonObject
                {
                    ["type"] = "BPE", ["dropout"] = null, ["byte_fallback"] = false, ["ignore_merges"] = true, ["merges"] = new JsonArray("a b", new JsonArray("ab", "c")),
                    ["vocab"] = new JsonObject(tokens.Select((text, token) => KeyValuePair.Create(text, (JsonNode?)token))),
                },
            };
        }
    }

    // The vocabulary is most of the file: damage beside it is drawn by itself.
    static Damage Few
    {
        get
        {
            var vocabulary = Pairs["model"]!["vocab"]!.ToJsonString();
            return TextDamage.Of(Pairs.ToJsonString().Replace(vocabulary, "9999999", StringComparison.Ordinal), text => Encoding.UTF8.GetBytes(
                Encoding.UTF8.GetString(text).Replace("9999999", vocabulary, StringComparison.Ordinal)));
        }
    }

    static byte[] Graph
    {
        get
        {
            var graph = new OnnxGraph();
            graph.Input("Activations", 3);
            graph.Node("Gemm", ["Activations", graph.Constant(new float[6], 3, 2)], "hidden", ("transB", 0));
            graph.Nodes("Dropout", ["hidden"], ["kept", ""]);
            graph.Node("Neg", ["kept"], "y");
            graph.Output("y", 2);
            return graph.ToModel();
        }
    }

    static Damage[] OfText(string sound) => [TextDamage.Of(sound), TextDamage.Of(sound), ByteDamage.Of(Encoding.UTF8.GetBytes(sound))];
}

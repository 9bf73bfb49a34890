using Superposition.Models;
using Superposition.Storage;
using Superposition.Tests.References;
using Xunit;

namespace Superposition.Tests.Models;

public sealed class LlamaFolderTests(ITestOutputHelper output)
{
    // A vocabulary that holds the tokens of bytes; three query heads to one of keys; heads wider than d / heads.
    static readonly LlamaConfig Small = new()
    {
        Dimensions = 24, Hidden = 40, Layers = 2, Heads = 6, KeyValueHeads = 2, Vocabulary = 300, Context = 16, HeadDimensions = 8,
        AdjacentPairs = false, RotaryBase = 500, NormEpsilon = 1e-6,
    };

    static readonly LlamaWeights SmallWeights = RandomModel.Weights(Small, seed: 3);

    [Theory]
    [InlineData(ElementType.F32, 1)]
    [InlineData(ElementType.F32, 3)]
    [InlineData(ElementType.F16, 2)]
    [InlineData(ElementType.BF16, 1)]
    public void A_folder_of_random_weights_computes_what_the_reference_does(ElementType type, int files)
    {
        using var folder = new HubFolder(Small, SmallWeights, type).Write(files);
        using var model = folder.Load();
        Assert.Equal(Small, model.Config);
        // Half a unit of the last of 11 or 8 bits; below 2^−14 a half has steps of 2^−24.
        var (relative, absolute) = type switch { ElementType.F16 => (Math.Pow(2, -11), Math.Pow(2, -25)), ElementType.BF16 => (Math.Pow(2, -8), 0), _ => (0, 0.0) };
        foreach (var (written, read) in Numbers(SmallWeights).Zip(Numbers(model.Weights)))
            Assert.InRange(Math.Abs((double)read - written), 0, Math.Abs(written) * relative + absolute);
        int[] tokens = [1, 7, 299, 40, 7, 123, 0, 250];
        var expected = new LlamaReference(Small, model.Weights).Logits(tokens).SelectMany(row => row).ToArray();
        var logits = Logits(model, tokens);
        Assert.Equal(expected.Length, logits.Length);
        for (var i = 0; i < logits.Length; i++) Assert.Equal(expected[i], logits[i], 1e-4);
    }

    [Fact]
    public void stories260K_converted_has_the_logits_of_its_checkpoint()
    {
        var (config, weights) = HubFolder.OfStories();
        using var folder = new HubFolder(config, weights).Write(files: 2);
        using var model = folder.Load();
        Assert.Same(model.Weights.Embedding, model.Weights.Head);
        Assert.False(model.Config.AdjacentPairs);
        var worst = 0.0;
        foreach (var prompt in Stories.Prompts)
        {
            var tokens = model.Encode(prompt);
            Assert.Equal(Stories.Model.Encode(prompt), tokens);
            int[] row = [.. tokens.Cast<int>()];
            foreach (var (expected, logit) in Logits(Stories.Model, row).Zip(Logits(model, row))) worst = Math.Max(worst, Math.Abs(expected - logit));
        }
        output.WriteLine($"worst difference {worst:g3}");
        Assert.InRange(worst, 0, 1e-4);
    }

    [Fact]
    public void What_a_config_leaves_out_is_what_transformers_takes_it_for()
    {
        var usual = Small with { HeadDimensions = 4, KeyValueHeads = 6, RotaryBase = 10_000 };
        using var folder = new HubFolder(usual, RandomModel.Weights(usual, seed: 1));
        foreach (var key in new[] { "num_key_value_heads", "head_dim", "rope_theta", "rms_norm_eps", "tie_word_embeddings", "hidden_act", "architectures" })
            folder.Config.Remove(key);
        using var model = folder.Write().Load();
        Assert.Equal((6, 4, 10_000, 1e-6), (model.Config.KeyValueHeads, model.Config.HeadDimensions, model.Config.RotaryBase, model.Config.NormEpsilon));
        Assert.NotSame(model.Weights.Embedding, model.Weights.Head);
    }

    [Theory]
    [InlineData("""{"rope_parameters":{"rope_theta":777,"rope_type":"default"},"rope_theta":null}""", 777)]
    [InlineData("""{"rope_scaling":{"rope_type":"default"},"pretraining_tp":4,"sliding_window":null,"quantization_config":null}""", 500)]
    [InlineData("""{"sliding_window":4096,"use_sliding_window":false,"attention_bias":false,"mlp_bias":false}""", 500)]
    public void Settings_that_change_nothing_are_read(string changed, double theta)
    {
        using var folder = Changed(changed);
        using var model = folder.Write().Load();
        Assert.Equal(theta, model.Config.RotaryBase);
    }

    [Theory]
    [InlineData("""{"model_type":"mistral"}""", "mistral")]
    [InlineData("""{"architectures":["LlamaForSequenceClassification"]}""", "LlamaForSequenceClassification")]
    [InlineData("""{"rope_scaling":{"type":"linear","factor":2.0}}""", "rope_scaling", "linear")]
    [InlineData("""{"rope_scaling":{"rope_type":"llama3","factor":8.0}}""", "rope_scaling", "llama3")]
    [InlineData("""{"rope_scaling":{"factor":8.0}}""", "rope_scaling", "8.0")]
    [InlineData("""{"rope_parameters":{"rope_type":"yarn"}}""", "rope_parameters", "yarn")]
    [InlineData("""{"rope_parameters":{"partial_rotary_factor":0.5}}""", "rope_parameters", "0.5")]
    [InlineData("""{"partial_rotary_factor":0.5}""", "partial_rotary_factor")]
    [InlineData("""{"rope_interleaved":true}""", "rope_interleaved")]
    [InlineData("""{"attention_bias":true,"mlp_bias":true}""", "attention_bias", "mlp_bias")]
    [InlineData("""{"hidden_act":"gelu"}""", "hidden_act", "gelu")]
    [InlineData("""{"quantization_config":{"bits":4}}""", "quantization_config")]
    [InlineData("""{"sliding_window":4096}""", "sliding_window", "4096")]
    [InlineData("""{"use_sliding_window":true}""", "use_sliding_window")]
    public void What_is_not_computed_is_refused_by_name(string changed, params string[] named)
    {
        using var folder = Changed(changed);
        Refused(folder.Write(), ModelFileReason.NotSupported, named);
    }

    [Theory]
    [InlineData("""{"num_attention_heads":5,"head_dim":null}""", ModelFileReason.NotJson, "num_attention_heads")]
    [InlineData("""{"num_key_value_heads":4}""", ModelFileReason.WrongShape, "KeyValueHeads")]
    [InlineData("""{"head_dim":7}""", ModelFileReason.WrongShape, "HeadDimensions")]
    [InlineData("""{"rope_theta":0.5}""", ModelFileReason.WrongShape, "RotaryBase")]
    [InlineData("""{"hidden_size":0}""", ModelFileReason.NotJson, "hidden_size")]
    [InlineData("""{"vocab_size":1e9}""", ModelFileReason.NotJson, "vocab_size")]
    [InlineData("""{"rms_norm_eps":"small"}""", ModelFileReason.NotJson, "rms_norm_eps")]
    [InlineData("""{"mlp_bias":1}""", ModelFileReason.NotJson, "mlp_bias")]
    [InlineData("""{"rope_scaling":2}""", ModelFileReason.NotJson, "rope_scaling")]
    [InlineData("""{"architectures":"LlamaForCausalLM"}""", ModelFileReason.NotJson, "architectures")]
    [InlineData("""{"intermediate_size":null}""", ModelFileReason.Missing, "intermediate_size")]
    [InlineData("""{"model_type":null}""", ModelFileReason.Missing, "model_type")]
    [InlineData("""{"hidden_size":25,"head_dim":4}""", ModelFileReason.WrongShape, "model.embed_tokens.weight")]
    [InlineData("""{"num_hidden_layers":3}""", ModelFileReason.Missing, "model.layers.2.input_layernorm.weight")]
    [InlineData("""{"num_hidden_layers":1}""", ModelFileReason.Unexpected, "model.layers.1.mlp.down_proj.weight")]
    [InlineData("""{"tie_word_embeddings":true}""", ModelFileReason.Unexpected, "lm_head.weight")]
    public void A_config_that_no_model_or_not_this_model_has_is_refused(string changed, ModelFileReason reason, string named)
    {
        using var folder = Changed(changed);
        Refused(folder.Write(), reason, named);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{\"a\":1")]
    [InlineData("{\"model_type\":\"llama\",\"model_type\":\"llama\"}")]
    [InlineData("{\"é\":1}")]   // in Latin-1, which is no UTF-8
    public void A_config_that_is_no_JSON_object_is_refused(string text)
    {
        using var folder = new HubFolder(Small, SmallWeights).Write();
        File.WriteAllBytes(folder["config.json"], System.Text.Encoding.Latin1.GetBytes(text));
        Refused(folder, ModelFileReason.NotJson, "config.json");
    }

    [Fact]
    public void Tensors_that_are_missing_strange_misshapen_of_another_type_or_not_finite_are_refused_by_name()
    {
        const string name = "model.layers.1.mlp.up_proj.weight";
        With(tensors => tensors.Remove(name), ModelFileReason.Missing, name);
        With(tensors => tensors.Remove("lm_head.weight"), ModelFileReason.Missing, "lm_head.weight");
        With(tensors => tensors["model.layers.0.self_attn.q_proj.bias"] = StoredArray.Of(new float[48], 48), ModelFileReason.Unexpected, "model.layers.0.self_attn.q_proj.bias");
        With(tensors => tensors[name] = StoredArray.Of(new float[960], 24, 40), ModelFileReason.WrongShape, name, "[40, 24]", "[24, 40]");
        With(tensors => tensors[name] = StoredArray.Of(new double[960], 40, 24), ModelFileReason.NotSupported, name, "F64");
        foreach (var value in new[] { float.NaN, float.NegativeInfinity })
            foreach (var type in new[] { ElementType.F32, ElementType.F16, ElementType.BF16 })
                With(tensors => tensors[name] = HubFolder.Stored(type, [.. new float[50], value, .. new float[909]], 40, 24), ModelFileReason.NotFinite, name, "number 50");

        static void With(Action<Dictionary<string, StoredArray>> change, ModelFileReason reason, params string[] named)
        {
            using var folder = new HubFolder(Small, SmallWeights);
            change(folder.Tensors);
            Refused(folder.Write(), reason, named);
        }
    }

    [Fact]
    public void What_can_be_computed_again_may_stand_there()
    {
        using var folder = new HubFolder(Small, SmallWeights with { Head = SmallWeights.Embedding });
        folder.Tensors["lm_head.weight"] = folder.Tensors["model.embed_tokens.weight"];
        folder.Tensors["model.layers.1.self_attn.rotary_emb.inv_freq"] = StoredArray.Of(new float[4], 4);
        using var model = folder.Write().Load();
        Assert.Same(model.Weights.Embedding, model.Weights.Head);
    }

    [Theory]
    [InlineData("../model.safetensors")]
    [InlineData("..\\model.safetensors")]
    [InlineData("/model.safetensors")]
    [InlineData("C:model.safetensors")]
    [InlineData("part/model.safetensors")]
    [InlineData(".safetensors")]
    [InlineData("config.json")]
    [InlineData("model.safetensors\0.safetensors")]
    public void A_name_that_could_lead_out_of_the_folder_is_refused(string name)
    {
        using var folder = new HubFolder(Small, SmallWeights).Write();
        File.Delete(folder["model.safetensors"]);
        folder.WriteIndex(new() { ["lm_head.weight"] = name });
        Refused(folder, ModelFileReason.NameInvalid);
    }

    [Fact]
    public void An_index_that_is_not_of_these_files_is_refused()
    {
        using var folder = new HubFolder(Small, SmallWeights).Write(files: 2);
        const string first = "model-00001-of-00002.safetensors", second = "model-00002-of-00002.safetensors", index = "model.safetensors.index.json";
        var whole = File.ReadAllText(folder[index]);
        File.WriteAllText(folder[index], "{}");
        Refused(folder, ModelFileReason.Missing, "weight_map");
        File.WriteAllText(folder[index], "{");
        Refused(folder, ModelFileReason.NotJson, index);
        folder.WriteIndex(new() { ["lm_head.weight"] = 1 });
        Refused(folder, ModelFileReason.NotJson, "lm_head.weight");
        folder.WriteIndex(new() { ["lm_head.weight"] = first, ["model.norm.weight"] = first });   // one of the two is in the other
        Refused(folder, ModelFileReason.Missing, first);
        File.WriteAllText(folder[index], whole);
        File.Copy(folder[first], folder[second], overwrite: true);
        Refused(folder, ModelFileReason.Unexpected, second, "two files");
        File.Delete(folder[second]);
        Refused(folder, ModelFileReason.Missing, second);
    }

    [Fact]
    public void Weights_that_are_cut_short_are_refused_as_every_safetensors_file()
    {
        using var folder = new HubFolder(Small, SmallWeights).Write();
        var bytes = File.ReadAllBytes(folder["model.safetensors"]);
        File.WriteAllBytes(folder["model.safetensors"], bytes[..^1]);
        Assert.Equal(SafetensorsReason.RangeOutsideFile, Assert.Throws<SafetensorsException>(folder.Load).Reason);
        File.WriteAllBytes(folder["model.safetensors"], bytes);   // nothing holds it open
        folder.Load().Dispose();
    }

    // A second copy of the numbers, or the file itself in memory, would be more.
    [Theory]
    [InlineData(ElementType.F32)]
    [InlineData(ElementType.F16)]
    [InlineData(ElementType.BF16)]
    public void A_tensor_takes_no_memory_but_its_numbers(ElementType type)
    {
        using var folder = new HubFolder(Small, SmallWeights);
        folder.Tensors.Clear();
        folder.Tensors["a"] = HubFolder.Stored(type, new float[1024 * 512], 1024, 512);
        folder.Tensors["b"] = folder.Tensors["a"];
        folder.Write();
        using var tensors = LlamaFolderTensors.Open(folder.Path);
        var before = GC.GetAllocatedBytesForCurrentThread();
        tensors.Matrix("b", 1024, 512);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 1024 * 512 * sizeof(float), 1.1 * 1024 * 512 * sizeof(float));
    }

    [Fact]
    public void Pickled_weights_are_refused_with_the_line_that_converts_them()
    {
        using var folder = new HubFolder(Small, SmallWeights).Write();
        File.Move(folder["model.safetensors"], folder["pytorch_model.bin"]);
        Refused(folder, ModelFileReason.NotSupported, "python -c", "safe_serialization=True");
        File.Delete(folder["pytorch_model.bin"]);
        Refused(folder, ModelFileReason.Missing, "model.safetensors", "model.safetensors.index.json");
    }

    [Fact]
    public void A_tokenizer_that_is_missing_or_does_not_fit_is_refused()
    {
        using var folder = new HubFolder(Small, SmallWeights).Write();
        File.WriteAllBytes(folder["tokenizer.model"], SentencePieceBytes.OfStories(299));
        Refused(folder, ModelFileReason.TokenizerDoesNotFit, "300", "299");
        File.Delete(folder["tokenizer.model"]);
        Refused(folder, ModelFileReason.Missing, "tokenizer.model", "tokenizer.json");
    }

    [Fact]
    public void A_folder_without_a_model_is_told_both_layouts()
    {
        using var folder = new HubFolder(Small, SmallWeights);
        Refused(folder, ModelFileReason.NotModel, "config.json", "checkpoint.bin");
    }

    static HubFolder Changed(string changed)
    {
        var folder = new HubFolder(Small, SmallWeights);
        foreach (var (key, value) in System.Text.Json.Nodes.JsonNode.Parse(changed)!.AsObject()) folder.Config[key] = value?.DeepClone();
        return folder;
    }

    static void Refused(HubFolder folder, ModelFileReason reason, params string[] named)
    {
        var refused = Assert.Throws<ModelFileException>(folder.Load);
        Assert.True(refused.Reason == reason, refused.Summary);
        Assert.All(named, name => Assert.Contains(name, refused.Message, StringComparison.Ordinal));
    }

    static float[] Logits(LanguageModel model, int[] tokens)
    {
        var row = new int[1, tokens.Length];
        for (var t = 0; t < tokens.Length; t++) row[0, t] = tokens[t];
        using var logits = model.Logits(row);
        return [.. logits.data<float>()];
    }

    static IEnumerable<float> Numbers(LlamaWeights weights) =>
    [
        .. Flat(weights.Embedding), .. weights.FinalNorm, .. Flat(weights.Head),
        .. weights.Blocks.SelectMany(block => (IEnumerable<float>)
        [
            .. block.AttentionNorm, .. Flat(block.Query), .. Flat(block.Key), .. Flat(block.Value), .. Flat(block.Output),
            .. block.FeedForwardNorm, .. Flat(block.Gate), .. Flat(block.Up), .. Flat(block.Down),
        ]),
    ];

    static IEnumerable<float> Flat(float[,] matrix) => matrix.Cast<float>();
}

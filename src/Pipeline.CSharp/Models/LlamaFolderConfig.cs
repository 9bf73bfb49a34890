using Superposition.Storage;

namespace Superposition.Models;

/// <summary>
/// config.json as transformers' LlamaConfig writes it. A setting that would change what is computed is refused by its name; what is
/// missing means what it means there.
/// </summary>
internal static class LlamaFolderConfig
{
    public const string Name = "config.json";

    // No model has more; sizes beyond are a damaged file, and their product could overflow.
    const int MostOfAny = 1 << 20;

    /// <summary>The sizes, and whether the head is the embedding.</summary>
    /// <exception cref="ModelFileException">It is no such file, or of a model that is not computed here.</exception>
    public static (LlamaConfig Config, bool IsTied) Read(string path) => Of(ModelJson.Read(path), path);

    /// <inheritdoc cref="Read"/>
    public static (LlamaConfig Config, bool IsTied) Of(ModelJson json, string path)
    {
        // Another family need not have our keys: it is told first.
        if (json.Text("model_type") != "llama")
            throw new ModelFileException(path, ModelFileReason.NotSupported,
                $"expected \"model_type\": \"llama\", found {json.Shown("model_type")}. Other families are computed otherwise: take a model of the Llama family.");
        if (NotComputed(json).ToArray() is { Length: > 0 } notComputed)
            throw new ModelFileException(path, ModelFileReason.NotSupported,
                $"expected a plain Llama, found {string.Join(", ", notComputed)}, which would change what is computed. Take a model without.");
        int dimensions = json.Count("hidden_size", MostOfAny), heads = json.Count("num_attention_heads", MostOfAny);
        if (!json.Has("head_dim") && dimensions % heads != 0)
            throw json.Invalid("num_attention_heads", $"a divisor of the hidden_size, {dimensions}, where there is no head_dim");
        var config = new LlamaConfig
        {
            Dimensions = dimensions,
            Hidden = json.Count("intermediate_size", MostOfAny),
            Layers = json.Count("num_hidden_layers", MostOfAny),
            Heads = heads,
            KeyValueHeads = json.Count("num_key_value_heads", MostOfAny, fallback: heads),
            Vocabulary = json.Count("vocab_size", MostOfAny),
            Context = json.Count("max_position_embeddings", MostOfAny),
            HeadDimensions = json.Count("head_dim", MostOfAny, fallback: Math.Max(1, dimensions / heads)),
            RotaryBase = json.Object("rope_parameters") is { } rope && rope.Has("rope_theta") ? rope.Number("rope_theta", 0) : json.Number("rope_theta", 10_000),
            AdjacentPairs = false,
            NormEpsilon = json.Number("rms_norm_eps", 1e-6),
        };
        if (config.Problems().ToArray() is { Length: > 0 } problems)
            throw new ModelFileException(path, ModelFileReason.WrongShape, $"expected sizes that go together, found that {string.Join(" ", problems)} Copy it again.");
        return (config, json.Flag("tie_word_embeddings"));
    }

    static IEnumerable<string> NotComputed(ModelJson json)
    {
        foreach (var architecture in json.List("architectures").Select(element => ModelJson.TextOf(element) ?? element.GetRawText()))
            if (architecture != "LlamaForCausalLM") yield return $"the architecture {ErrorText.Quote(architecture)}";
        foreach (var key in (string[])["rope_scaling", "rope_parameters"])
            if (json.Object(key) is { } rope)
            {
                foreach (var kind in (string[])["rope_type", "type"])
                    if (rope.Has(kind) && rope.Text(kind) != "default") yield return $"{key} of type {rope.Shown(kind)}";
                if (!rope.Has("rope_type") && !rope.Has("type") && rope.Has("factor")) yield return $"{key} by a factor of {rope.Shown("factor")}";
                if (rope.Number("partial_rotary_factor", 1) != 1) yield return $"{key} of a part of {rope.Shown("partial_rotary_factor")}";
            }
        foreach (var key in (string[])["attention_bias", "mlp_bias", "rope_interleaved", "use_sliding_window"])
            if (json.Flag(key)) yield return $"{key} true";
        if (json.Has("sliding_window") && json.Flag("use_sliding_window", fallback: true)) yield return $"sliding_window {json.Shown("sliding_window")}";
        foreach (var key in (string[])["quantization_config", "compression_config"])
            if (json.Has(key)) yield return key;
        if (json.Text("hidden_act", "silu") is not ("silu" or "swish") and var activation) yield return $"hidden_act {ErrorText.Quote(activation)}";
        if (json.Number("partial_rotary_factor", 1) != 1) yield return $"partial_rotary_factor {json.Shown("partial_rotary_factor")}";
    }
}

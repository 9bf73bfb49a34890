using Superposition.Storage;

namespace Superposition.Models;

/// <summary>
/// Where a forward pass can be looked into, in the order in which it comes by, under the names of TransformerLens (transformer_block.py,
/// attention.py, gated_mlp.py). Shapes: [B, T, d] of the residual stream and what is added to it; queries, keys, values and <c>hook_z</c>
/// [B, T, heads, width]; scores and pattern [B, heads, T, T]; hidden layer [B, T, hidden]; scale of a norm [B, T, 1].
/// </summary>
public static class HookPoints
{
    /// <summary>The token's embedding, [B, T, d].</summary>
    public const string Embedding = "hook_embed";

    /// <summary>Input of the head before its norm's gain, [B, T, d].</summary>
    public const string FinalNormalized = "ln_final.hook_normalized";

    /// <summary>What the norm before the head divides by, [B, T, 1].</summary>
    public const string FinalScale = "ln_final.hook_scale";

    static readonly string[] OfBlock =
    [
        "hook_resid_pre", "ln1.hook_scale", "ln1.hook_normalized", "attn.hook_q", "attn.hook_k", "attn.hook_v", "attn.hook_rot_q", "attn.hook_rot_k",
        "attn.hook_attn_scores", "attn.hook_pattern", "attn.hook_z", "hook_attn_out", "hook_resid_mid", "ln2.hook_scale", "ln2.hook_normalized",
        "mlp.hook_pre", "mlp.hook_pre_linear", "mlp.hook_post", "hook_mlp_out", "hook_resid_post",
    ];

    /// <summary>All of a model.</summary>
    public static IReadOnlyList<string> Of(LlamaConfig config) =>
    [
        Embedding, .. Enumerable.Range(0, config.Layers).SelectMany(layer => OfBlock.Select(name => InBlock(layer, name))), FinalScale, FinalNormalized,
    ];

    /// <summary>Numbers a token has there; 0 for scores and pattern, which are of pairs of tokens.</summary>
    /// <exception cref="HookException">There is no such point; the nearest is named.</exception>
    public static int Width(LlamaConfig config, string name)
    {
        Check(config, name);
        return name[(name.LastIndexOf('.') + 1)..] switch
        {
            "hook_scale" => 1,
            "hook_attn_scores" or "hook_pattern" => 0,
            "hook_q" or "hook_rot_q" or "hook_z" => config.Heads * config.HeadDimensions,
            "hook_k" or "hook_rot_k" or "hook_v" => config.KeyValueHeads * config.HeadDimensions,
            "hook_pre" or "hook_pre_linear" or "hook_post" => config.Hidden,
            _ => config.Dimensions,
        };
    }

    internal static string InBlock(int layer, string name) => FormattableString.Invariant($"blocks.{layer}.{name}");

    internal static void Check(LlamaConfig config, string name)
    {
        var all = Of(config);
        if (all.Contains(name)) return;
        throw new HookException($"There is no hook point {ErrorText.Quote(name)}. The nearest is \"{NearestNames.Of(name, all.Reverse())[0]}\"; "
            + $"a model of {config.Layers} layers has {all.Count}: {Embedding}, blocks.0 to blocks.{config.Layers - 1} with {string.Join(", ", OfBlock)}, {FinalScale}, {FinalNormalized}.");
    }
}

using Superposition.Training;
using static TorchSharp.torch;

namespace Superposition.Models;

/// <summary>One block: what attention finds, then what the hidden layer makes of it, each added to the residual stream.</summary>
internal sealed class LlamaBlock(LlamaConfig config, LlamaBlockWeights weights, RotaryPositions positions, int layer) : IDisposable
{
    readonly RootMeanSquareNorm attentionNorm = new(weights.AttentionNorm, config.NormEpsilon, HookPoints.InBlock(layer, "ln1"));
    readonly LlamaAttention attention = new(config, weights, positions, layer);
    readonly RootMeanSquareNorm feedForwardNorm = new(weights.FeedForwardNorm, config.NormEpsilon, HookPoints.InBlock(layer, "ln2"));
    readonly SwiGlu feedForward = new(weights, layer);

    readonly string before = HookPoints.InBlock(layer, "hook_resid_pre"), attended = HookPoints.InBlock(layer, "hook_attn_out"),
        between = HookPoints.InBlock(layer, "hook_resid_mid"), written = HookPoints.InBlock(layer, "hook_mlp_out"),
        after = HookPoints.InBlock(layer, "hook_resid_post");

    /// <summary>x: [B, T, d].</summary>
    public Tensor Of(Tensor x, ForwardPass pass)
    {
        x = pass.At(before, x);
        x = pass.At(between, Sums.Of(x, pass.At(attended, attention.Of(attentionNorm.Of(x, pass), pass))));
        return pass.At(after, Sums.Of(x, pass.At(written, feedForward.Of(feedForwardNorm.Of(x, pass), pass))));
    }

    public void Dispose()
    {
        attentionNorm.Dispose();
        attention.Dispose();
        feedForwardNorm.Dispose();
        feedForward.Dispose();
    }
}

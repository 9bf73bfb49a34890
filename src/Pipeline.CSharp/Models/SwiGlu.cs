using static TorchSharp.torch;

namespace Superposition.Models;

/// <summary>W_down(silu(W_gate x) ⊙ W_up x): a neuron is what its gate lets through of a signed value (Shazeer 2020, eq. 6).</summary>
internal sealed class SwiGlu(LlamaBlockWeights weights, int layer) : IDisposable
{
    readonly Tensor gate = LlamaAttention.Matrix(weights.Gate), up = LlamaAttention.Matrix(weights.Up), down = LlamaAttention.Matrix(weights.Down);

    readonly string gatePoint = HookPoints.InBlock(layer, "mlp.hook_pre"), upPoint = HookPoints.InBlock(layer, "mlp.hook_pre_linear"),
        neuronPoint = HookPoints.InBlock(layer, "mlp.hook_post");

    /// <summary>x: [B, T, d], normalised.</summary>
    public Tensor Of(Tensor x, ForwardPass pass)
    {
        var open = nn.functional.silu(pass.At(gatePoint, x.matmul(gate)));
        return pass.At(neuronPoint, open * pass.At(upPoint, x.matmul(up))).matmul(down);
    }

    public void Dispose()
    {
        gate.Dispose();
        up.Dispose();
        down.Dispose();
    }
}

using Superposition.DataViews;
using TorchSharp;
using static TorchSharp.torch;

namespace Superposition.Models;

/// <summary>The forward pass: embedding, blocks, norm, head. Biases there are none.</summary>
internal sealed class Llama : IDisposable
{
    readonly Tensor embedding, head;   // [vocabulary, d], [d, vocabulary]
    readonly RotaryPositions positions;
    readonly LlamaBlock[] blocks;
    readonly RootMeanSquareNorm finalNorm;

    public Llama(LlamaConfig config, LlamaWeights weights)
    {
        embedding = tensor(Rows.Flat(weights.Embedding).ToArray(), config.Vocabulary, config.Dimensions).DetachFromDisposeScope();
        positions = new(config);
        blocks = [.. weights.Blocks.Select((block, layer) => new LlamaBlock(config, block, positions, layer))];
        finalNorm = new(weights.FinalNorm, config.NormEpsilon, "ln_final");
        head = LlamaAttention.Matrix(weights.Head);
    }

    /// <summary>[B, T, d] The residual stream after the first so many blocks. tokens: [B, T].</summary>
    public Tensor Residual(Tensor tokens, ForwardPass pass, int layers)
    {
        var x = pass.At(HookPoints.Embedding, embedding.index_select(0, tokens.flatten()).unflatten(0, tokens.shape));
        foreach (var block in blocks.Take(layers))
        {
            using var scope = NewDisposeScope();
            x = block.Of(x, pass).MoveToOuterDisposeScope();
        }
        pass.Past?.Advance((int)tokens.shape[1]);
        return x;
    }

    /// <summary>[B, T, d] What the head reads.</summary>
    public Tensor Normalized(Tensor x, ForwardPass pass) => finalNorm.Of(x, pass);

    /// <summary>[B, T, vocabulary]</summary>
    public Tensor Logits(Tensor normalized) => normalized.matmul(head);

    public void Dispose()
    {
        embedding.Dispose();
        head.Dispose();
        positions.Dispose();
        finalNorm.Dispose();
        foreach (var block in blocks) block.Dispose();
    }
}

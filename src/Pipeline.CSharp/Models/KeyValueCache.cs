using TorchSharp;
using static TorchSharp.torch;

namespace Superposition.Models;

/// <summary>Keys and values of the tokens so far, so that the next token costs no more than itself.</summary>
internal sealed class KeyValueCache : IDisposable
{
    readonly Tensor[] keys, values;   // each [B, key and value heads, context, width]

    public KeyValueCache(LlamaConfig config, int batch)
    {
        keys = Empty();
        values = Empty();

        Tensor[] Empty() =>
            [.. Enumerable.Range(0, config.Layers).Select(_ => zeros(batch, config.KeyValueHeads, config.Context, config.HeadDimensions).DetachFromDisposeScope())];
    }

    /// <summary>Tokens that all layers have seen.</summary>
    public int Length { get; private set; }

    /// <summary>Takes note of a layer's keys and values [B, heads, T, width] and gives those of all tokens.</summary>
    public (Tensor Keys, Tensor Values) Append(int layer, Tensor key, Tensor value)
    {
        var count = key.shape[2];
        keys[layer].narrow(2, Length, count).copy_(key);
        values[layer].narrow(2, Length, count).copy_(value);
        return (keys[layer].narrow(2, 0, Length + count), values[layer].narrow(2, 0, Length + count));
    }

    /// <summary>All layers have seen so many more.</summary>
    public void Advance(int count) => Length += count;

    public void Dispose()
    {
        foreach (var tensor in keys.Concat(values)) tensor.Dispose();
    }
}

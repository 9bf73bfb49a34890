using Superposition.DataViews;
using Superposition.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Superposition.Models;

/// <summary>
/// softmax(QKᵀ/√width, what is ahead masked) V a head, several query heads to one of keys and values (Ainslie et al. 2023, "GQA").
/// Where nobody looks at scores or pattern libtorch's own kernel computes the same without holding them.
/// </summary>
internal sealed class LlamaAttention : IDisposable
{
    readonly LlamaConfig config;
    readonly int layer;
    readonly RotaryPositions positions;
    readonly Tensor query, key, value, output;   // [in, out]
    readonly Tensor temperature;
    readonly string queryPoint, keyPoint, valuePoint, turnedQueryPoint, turnedKeyPoint, scoresPoint, patternPoint, resultPoint;

    public LlamaAttention(LlamaConfig config, LlamaBlockWeights weights, RotaryPositions positions, int layer)
    {
        (this.config, this.positions, this.layer) = (config, positions, layer);
        (query, key, value, output) = (Matrix(weights.Query), Matrix(weights.Key), Matrix(weights.Value), Matrix(weights.Output));
        temperature = tensor((float)(1 / Math.Sqrt(config.HeadDimensions))).DetachFromDisposeScope();
        (queryPoint, keyPoint, valuePoint) = (Point("hook_q"), Point("hook_k"), Point("hook_v"));
        (turnedQueryPoint, turnedKeyPoint) = (Point("hook_rot_q"), Point("hook_rot_k"));
        (scoresPoint, patternPoint, resultPoint) = (Point("hook_attn_scores"), Point("hook_pattern"), Point("hook_z"));

        string Point(string name) => HookPoints.InBlock(layer, $"attn.{name}");
    }

    /// <summary>[in, out] of a matrix [out, in].</summary>
    internal static Tensor Matrix(float[,] weights) =>
        tensor(Rows.Flat(Rows.Transposed(weights)).ToArray(), weights.GetLength(1), weights.GetLength(0)).DetachFromDisposeScope();

    /// <summary>x: [B, T, d], normalised.</summary>
    public Tensor Of(Tensor x, ForwardPass pass)
    {
        var q = pass.At(queryPoint, Heads(x.matmul(query), config.Heads));
        var k = pass.At(keyPoint, Heads(x.matmul(key), config.KeyValueHeads));
        var v = pass.At(valuePoint, Heads(x.matmul(value), config.KeyValueHeads)).transpose(1, 2);
        q = pass.At(turnedQueryPoint, positions.Turn(q, pass.Position)).transpose(1, 2);
        k = pass.At(turnedKeyPoint, positions.Turn(k, pass.Position)).transpose(1, 2);
        if (pass.Past is { } past) (k, v) = past.Append(layer, k, v);
        var z = pass.Wants(scoresPoint) || pass.Wants(patternPoint) ? Seen(q, Shared(k), Shared(v), pass)
            : q.shape[2] == 1 ? Last(q, k, v)
            : Unseen(q, Shared(k), Shared(v));
        return pass.At(resultPoint, z.transpose(1, 2).contiguous()).flatten(2, 3).matmul(output);
    }

    // Keys or values of each query head.
    Tensor Shared(Tensor x) => config.Heads == config.KeyValueHeads ? x : x.repeat_interleave(config.Heads / config.KeyValueHeads, 1);

    // A single token sees all there are: the query heads of a key head take the place of queries, and nothing is copied.
    Tensor Last(Tensor q, Tensor k, Tensor v) =>
        nn.functional.scaled_dot_product_attention(q.reshape(q.shape[0], config.KeyValueHeads, -1, config.HeadDimensions), k, v).reshape(q.shape);

    Tensor Heads(Tensor x, int heads) => x.unflatten(2, heads, config.HeadDimensions);

    Tensor Seen(Tensor q, Tensor k, Tensor v, ForwardPass pass)
    {
        var scores = q.matmul(k.transpose(2, 3)) * temperature;
        scores = pass.At(scoresPoint, scores.masked_fill(Ahead(q.shape[2], k.shape[2]), Forbidden));
        return pass.At(patternPoint, scores.softmax(-1)).matmul(v);
    }

    static Tensor Unseen(Tensor q, Tensor k, Tensor v)
    {
        var (queries, keys) = (q.shape[2], k.shape[2]);
        if (queries == keys) return nn.functional.scaled_dot_product_attention(q, k, v, is_casual: true);
        return nn.functional.scaled_dot_product_attention(q, k, v, Ahead(queries, keys).logical_not());
    }

    // [queries, keys] What a query must not see, the last query being at the last key.
    static Tensor Ahead(long queries, long keys) => ones(queries, keys, ScalarType.Bool).triu(keys - queries + 1);

    // Held for good: see Sums.
    static readonly Scalar Forbidden = double.NegativeInfinity;

    public void Dispose()
    {
        foreach (var tensor in new[] { query, key, value, output, temperature }) tensor.Dispose();
    }
}

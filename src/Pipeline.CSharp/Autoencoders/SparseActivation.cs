using System.Numerics;
using System.Text.Json.Serialization;
using Superposition.DataViews;

namespace Superposition.Autoencoders;

/// <summary>Which pre-activations of a row become latents when an autoencoder is served.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(ReluActivation), "relu")]
[JsonDerivedType(typeof(TopKActivation), "topk")]
public abstract record SparseActivation
{
    /// <summary>
    /// Writes the non-zero latents of one row, ascending by index, into spans of at least m and returns how many.
    /// </summary>
    public abstract int Select(ReadOnlySpan<float> pre, Span<int> indices, Span<float> values);

    /// <summary>Adds the same to an ONNX graph: [N, m] pre-activations to [N, m] latents under a name.</summary>
    internal abstract void WriteGraph(OnnxGraph graph, string pre, string latents);
}

/// <summary>z = max(h, 0).</summary>
public sealed record ReluActivation : SparseActivation
{
    /// <inheritdoc/>
    public override int Select(ReadOnlySpan<float> pre, Span<int> indices, Span<float> values) =>
        Above(0, pre, 0, indices, values, 0);

    internal override void WriteGraph(OnnxGraph graph, string pre, string latents) => graph.Node("Relu", [pre], latents);

    /// <summary>Appends what lies above a threshold, from a position on; returns the new count.</summary>
    internal static int Above(float threshold, ReadOnlySpan<float> pre, int offset, Span<int> indices, Span<float> values, int count)
    {
        for (var i = 0; i < pre.Length; i++)
            if (pre[i] > threshold)
            {
                indices[count] = offset + i;
                values[count++] = pre[i];
            }
        return count;
    }
}

/// <summary>z = max(h, 0) on the k largest h; of equal ones the first.</summary>
/// <param name="K">k, at least 1.</param>
public sealed record TopKActivation(int K) : SparseActivation
{
    /// <inheritdoc/>
    public override int Select(ReadOnlySpan<float> pre, Span<int> indices, Span<float> values)
    {
        // One pass keeps what exceeds a rising threshold; whenever the candidates overflow, the best k set the threshold.
        var capacity = Math.Min(indices.Length, Math.Max(4 * K, 256));
        if (capacity < pre.Length && capacity < 2 * K) capacity = indices.Length;
        var (count, threshold, step) = (0, 0f, Vector<float>.Count);
        for (var at = 0; at < pre.Length; at += step)
        {
            var block = pre[at..Math.Min(at + step, pre.Length)];
            if (block.Length == step && Vector.LessThanOrEqualAll(new Vector<float>(block), new Vector<float>(threshold))) continue;
            if (count + block.Length > capacity && count > K)
            {
                count = Keep(indices, values, count);
                threshold = Least(values[..count]);
            }
            count = ReluActivation.Above(threshold, block, at, indices, values, count);
        }
        if (count > K) count = Keep(indices, values, count);
        return count;
    }

    // The K best of the candidates, in ascending order of index again.
    int Keep(Span<int> indices, Span<float> values, int count)
    {
        var sorted = values[..count].ToArray();
        Array.Sort(sorted);
        var least = sorted[count - K];
        var ties = K;   // how many of the least may stay
        foreach (var value in values[..count]) if (value > least) ties--;
        var kept = 0;
        for (var i = 0; i < count; i++)
        {
            if (values[i] < least || values[i] == least && ties-- <= 0) continue;
            (indices[kept], values[kept]) = (indices[i], values[i]);
            kept++;
        }
        return kept;
    }

    static float Least(ReadOnlySpan<float> values)
    {
        var least = values[0];
        foreach (var value in values) least = Math.Min(least, value);
        return least;
    }

    internal override void WriteGraph(OnnxGraph graph, string pre, string latents)
    {
        var best = graph.Nodes("TopK", [pre, graph.Constant([(long)K], 1)], ["TopK:values", "TopK:indices"]);
        var kept = graph.Node("Relu", [best[0]]);
        var zeros = graph.Node("ConstantOfShape", [graph.Node("Shape", [pre])]);
        graph.Node("ScatterElements", [zeros, best[1], kept], latents, attribute: ("axis", 1));
    }
}

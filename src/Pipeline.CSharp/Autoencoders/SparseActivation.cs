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
    public override int Select(ReadOnlySpan<float> pre, Span<int> indices, Span<float> values)
    {
        var count = 0;
        for (var i = 0; i < pre.Length; i++)
            if (pre[i] > 0)
            {
                indices[count] = i;
                values[count++] = pre[i];
            }
        return count;
    }

    internal override void WriteGraph(OnnxGraph graph, string pre, string latents) => graph.Node("Relu", [pre], latents);
}

/// <summary>z = max(h, 0) on the k largest h; of equal ones the first.</summary>
/// <param name="K">k, at least 1.</param>
public sealed record TopKActivation(int K) : SparseActivation
{
    /// <inheritdoc/>
    public override int Select(ReadOnlySpan<float> pre, Span<int> indices, Span<float> values) =>
        TopKSelection.Select(K, pre, indices, values);

    internal override void WriteGraph(OnnxGraph graph, string pre, string latents)
    {
        var best = graph.Nodes("TopK", [pre, graph.Constant([(long)K], 1)], ["TopK:values", "TopK:indices"]);
        var kept = graph.Node("Relu", [best[0]]);
        var zeros = graph.Node("ConstantOfShape", [graph.Node("Shape", [pre])]);
        graph.Node("ScatterElements", [zeros, best[1], kept], latents, attribute: ("axis", 1));
    }
}

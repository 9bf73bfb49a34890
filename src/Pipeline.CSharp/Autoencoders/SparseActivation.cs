using Superposition.DataViews;

namespace Superposition.Autoencoders;

/// <summary>Which pre-activations become latents when an autoencoder is served.</summary>
public abstract record SparseActivation
{
    private protected SparseActivation() { }

    /// <summary>What it holds for each latent, [m] each, by the name SAELens has for it.</summary>
    internal virtual IReadOnlyList<(string Name, float[] Values)> Vectors => [];

    /// <summary>The non-zero latents of a batch.</summary>
    internal abstract SelectedRows Select(SparseAutoencoder autoencoder, PreActivations pre);

    /// <summary>Adds the same to an ONNX graph: [N, m] pre-activations to [N, m] latents under a name.</summary>
    internal abstract void WriteGraph(OnnxGraph graph, SparseAutoencoder autoencoder, string pre, string latents);
}

/// <summary>An activation that looks at one row at a time.</summary>
public abstract record RowActivation : SparseActivation
{
    private protected RowActivation() { }

    /// <summary>
    /// Writes the non-zero latents of one row, ascending by index, into spans of at least m and returns how many.
    /// </summary>
    public abstract int Select(ReadOnlySpan<float> pre, Span<int> indices, Span<float> values);

    internal sealed override SelectedRows Select(SparseAutoencoder autoencoder, PreActivations pre) =>
        new(pre.Rows, pre.Width, (row, indices, values) => Select(pre[row], indices, values));
}

/// <summary>z = max(h, 0).</summary>
public sealed record ReluActivation : RowActivation
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

    internal override void WriteGraph(OnnxGraph graph, SparseAutoencoder autoencoder, string pre, string latents) => graph.Node("Relu", [pre], latents);
}

/// <summary>z = max(h, 0) on the k largest h; of equal ones the first.</summary>
/// <param name="K">k, at least 1.</param>
public sealed record TopKActivation(int K) : RowActivation
{
    /// <inheritdoc/>
    public override int Select(ReadOnlySpan<float> pre, Span<int> indices, Span<float> values) =>
        TopKSelection.Select(K, pre, indices, values);

    internal override void WriteGraph(OnnxGraph graph, SparseAutoencoder autoencoder, string pre, string latents)
    {
        var k = graph.Constant([(long)Math.Min(K, autoencoder.Latents)], 1);
        var best = graph.Nodes("TopK", [pre, k], ["TopK:values", "TopK:indices"]);
        var kept = graph.Node("Relu", [best[0]]);
        var zeros = graph.Node("ConstantOfShape", [graph.Node("Shape", [pre])]);
        graph.Node("ScatterElements", [zeros, best[1], kept], latents, attribute: ("axis", 1));
    }
}

/// <summary>z = h, of either sign, on the k largest |h|; of equal ones the first.</summary>
/// <param name="K">k, at least 1.</param>
public sealed record AbsTopKActivation(int K) : RowActivation
{
    /// <inheritdoc/>
    public override int Select(ReadOnlySpan<float> pre, Span<int> indices, Span<float> values)
    {
        var sizes = new float[pre.Length];
        System.Numerics.Tensors.TensorPrimitives.Abs(pre, sizes);
        var count = TopKSelection.Select(K, sizes, indices, values);
        for (var c = 0; c < count; c++) values[c] = pre[indices[c]];
        return count;
    }

    internal override void WriteGraph(OnnxGraph graph, SparseAutoencoder autoencoder, string pre, string latents)
    {
        var k = graph.Constant([(long)Math.Min(K, autoencoder.Latents)], 1);
        var best = graph.Nodes("TopK", [graph.Node("Abs", [pre]), k], ["TopK:values", "TopK:indices"]);
        var kept = graph.Node("GatherElements", [pre, best[1]], attribute: ("axis", 1));
        var zeros = graph.Node("ConstantOfShape", [graph.Node("Shape", [pre])]);
        graph.Node("ScatterElements", [zeros, best[1], kept], latents, attribute: ("axis", 1));
    }
}

/// <summary>z = h where h is above its threshold and above 0, else 0 (Rajamanoharan et al. 2024, "Jumping Ahead", eq. 2).</summary>
/// <param name="Thresholds">θ [m]</param>
public sealed record JumpReluActivation(float[] Thresholds) : RowActivation
{
    internal override IReadOnlyList<(string Name, float[] Values)> Vectors => [("threshold", Thresholds)];

    /// <inheritdoc/>
    public override int Select(ReadOnlySpan<float> pre, Span<int> indices, Span<float> values)
    {
        var count = 0;
        for (var i = 0; i < pre.Length; i++)
            if (pre[i] > Thresholds[i] && pre[i] > 0)
            {
                indices[count] = i;
                values[count++] = pre[i];
            }
        return count;
    }

    internal override void WriteGraph(OnnxGraph graph, SparseAutoencoder autoencoder, string pre, string latents)
    {
        var open = graph.Node("Greater", [pre, graph.Constant(Thresholds, Thresholds.Length)]);
        graph.Node("Where", [open, graph.Node("Relu", [pre]), graph.Constant([0f], 1)], latents);
    }
}

/// <summary>z = max(exp(r)·h + b_mag, 0) where h + b_gate is above 0, else 0; h = W_encᵀ(x − b_dec) has no bias of its own.</summary>
/// <param name="GateBias">b_gate [m]</param>
/// <param name="LogMagnitude">r_mag [m]</param>
/// <param name="MagnitudeBias">b_mag [m]</param>
public sealed record GatedActivation(float[] GateBias, float[] LogMagnitude, float[] MagnitudeBias) : RowActivation
{
    readonly Lazy<float[]> scales = new(() => [.. LogMagnitude.Select(MathF.Exp)]);

    internal override IReadOnlyList<(string Name, float[] Values)> Vectors =>
        [("b_gate", GateBias), ("r_mag", LogMagnitude), ("b_mag", MagnitudeBias)];

    /// <inheritdoc/>
    public override int Select(ReadOnlySpan<float> pre, Span<int> indices, Span<float> values)
    {
        var (count, scale) = (0, scales.Value);
        for (var i = 0; i < pre.Length; i++)
            if (pre[i] + GateBias[i] > 0 && pre[i] * scale[i] + MagnitudeBias[i] is > 0 and var magnitude)
            {
                indices[count] = i;
                values[count++] = magnitude;
            }
        return count;
    }

    internal override void WriteGraph(OnnxGraph graph, SparseAutoencoder autoencoder, string pre, string latents)
    {
        var m = GateBias.Length;
        var open = graph.Node("Greater", [graph.Node("Add", [pre, graph.Constant(GateBias, m)]), graph.Constant([0f], 1)]);
        var magnitude = graph.Node("Add", [graph.Node("Mul", [pre, graph.Constant(scales.Value, m)]), graph.Constant(MagnitudeBias, m)]);
        graph.Node("Where", [open, graph.Node("Relu", [magnitude]), graph.Constant([0f], 1)], latents);
    }
}

/// <summary>The k·rows largest positive h of all rows that are encoded together: what BatchTopK trains with. Its trained form is JumpReLU.</summary>
/// <param name="K">k, mean latents a row; above 0.</param>
public sealed record BatchTopKActivation(double K) : SparseActivation
{
    internal override SelectedRows Select(SparseAutoencoder autoencoder, PreActivations pre) =>
        new BatchSelection().Of(pre.Rows, pre.Width, row => pre[row], (int)Math.Min(K * pre.Rows, (double)pre.Width * pre.Rows));

    internal override void WriteGraph(OnnxGraph graph, SparseAutoencoder autoencoder, string pre, string latents) =>
        throw new NotSupportedException("BatchTopK looks at a whole batch and has no ONNX form. Save the trained autoencoder, which is a JumpReLU.");
}

/// <summary>
/// The latent of the largest score is taken off the others' scores, again and again: z_j += v, h_i −= v d_j·w_i, where v is the largest h
/// above 0 (see <see cref="MatchingPursuitOptions"/>).
/// </summary>
/// <param name="Iterations">Times a latent is taken at most; at least 1.</param>
/// <param name="StopsOnRepeat">Whether a row is done after an iteration that brought no new latent.</param>
public sealed record MatchingPursuitActivation(int Iterations, bool StopsOnRepeat) : SparseActivation
{
    internal override SelectedRows Select(SparseAutoencoder autoencoder, PreActivations pre)
    {
        var encoders = Rows.Transposed(autoencoder.Encoder);
        return new(pre.Rows, pre.Width, (row, indices, values) => Pursue(autoencoder.Decoder, encoders, pre[row], indices, values));
    }

    int Pursue(float[,] decoder, float[,] encoders, Span<float> h, Span<int> indices, Span<float> values)
    {
        var taken = new SortedDictionary<int, float>();
        for (var iteration = 0; iteration < Iterations; iteration++)
        {
            var best = System.Numerics.Tensors.TensorPrimitives.IndexOfMax(h);
            if (!(h[best] > 0)) break;
            var (value, repeats) = (h[best], taken.ContainsKey(best));
            taken[best] = taken.GetValueOrDefault(best) + value;
            if (repeats && StopsOnRepeat) break;
            var direction = Rows.Row(decoder, best);
            for (var i = 0; i < h.Length; i++)
                h[i] -= value * System.Numerics.Tensors.TensorPrimitives.Dot(direction, Rows.Row(encoders, i));
        }
        var count = 0;
        foreach (var (latent, value) in taken) (indices[count], values[count++]) = (latent, value);
        return count;
    }

    // Iteration after iteration, unrolled: the scores of the residual in latent space.
    internal override void WriteGraph(OnnxGraph graph, SparseAutoencoder autoencoder, string pre, string latents)
    {
        int d = autoencoder.Dimensions, m = autoencoder.Latents;
        var (encoder, decoder) = (graph.Constant(Rows.Flat(autoencoder.Encoder), d, m), graph.Constant(Rows.Flat(autoencoder.Decoder), m, d));
        var (zero, one) = (graph.Constant([0f], 1), graph.Constant([1f], 1));
        var zeros = graph.Node("ConstantOfShape", [graph.Node("Shape", [pre])]);
        var (scores, z, active) = (pre, zeros, one);
        for (var iteration = 0; iteration < Iterations; iteration++)
        {
            var best = graph.Nodes("TopK", [scores, graph.Constant([1L], 1)], [$"best:{iteration}", $"latent:{iteration}"]);
            var value = graph.Node("Relu", [best[0]]);
            var taken = graph.Node("ScatterElements", [zeros, best[1], graph.Node("Mul", [value, active])], attribute: ("axis", 1));
            var before = z;
            z = graph.Node("Add", [z, taken], iteration == Iterations - 1 ? latents : null);
            if (iteration == Iterations - 1) break;
            if (StopsOnRepeat)
            {
                var repeated = graph.Node("Greater", [graph.Node("GatherElements", [before, best[1]], attribute: ("axis", 1)), zero]);
                active = graph.Node("Mul", [active, graph.Node("Where", [repeated, zero, one])]);
            }
            scores = graph.Node("Sub", [scores, graph.Node("MatMul", [graph.Node("MatMul", [taken, decoder]), encoder])]);
        }
    }
}

using Superposition.DataViews;

namespace Superposition.Autoencoders;

/// <summary>A trained sparse autoencoder as a stage: activations [d] → sparse latents [m], and x̂ [d] where it was asked for.</summary>
public sealed class SparseAutoencoderTransformer : BatchTransformer
{
    /// <summary>Rows computed together unless said otherwise.</summary>
    public const int DefaultBatchSize = 512;

    readonly ServedAutoencoder map;

    internal SparseAutoencoderTransformer(
        string output, string input, string? reconstruction, SparseAutoencoder autoencoder, SparseAutoencoderHistory history,
        int batchSize = DefaultBatchSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        (Autoencoder, History) = (autoencoder, history);
        map = new(output, input, reconstruction, autoencoder, batchSize);
    }

    /// <summary>The weights.</summary>
    public SparseAutoencoder Autoencoder { get; }

    /// <summary>The course of the training; empty for one that was loaded.</summary>
    public SparseAutoencoderHistory History { get; }

    private protected override BatchMap Map => map;

    private protected override void WriteGraph(OnnxGraph graph)
    {
        int d = Autoencoder.Dimensions, m = Autoencoder.Latents;
        var pre = graph.Node("Gemm",
            [map.InputColumn, graph.Constant(Rows.Flat(Autoencoder.Encoder), d, m), graph.Constant(Autoencoder.EffectiveBias(), m)]);
        Autoencoder.Activation.WriteGraph(graph, Autoencoder, pre, map.Outputs[0].Name);
        if (map.Outputs.Count == 1) return;
        var width = Autoencoder.OutputDimensions;
        var decoded = graph.Node("Gemm",
            [map.Outputs[0].Name, graph.Constant(Rows.Flat(Autoencoder.Decoder), m, width), graph.Constant(Autoencoder.DecoderBias, width)],
            Autoencoder.Skip is null ? map.Outputs[1].Name : null);
        if (Autoencoder.Skip is { } skip)
            graph.Node("Add",
                [decoded, graph.Node("MatMul", [map.InputColumn, graph.Constant(Rows.Flat(Rows.Transposed(skip)), d, width)])], map.Outputs[1].Name);
    }
}

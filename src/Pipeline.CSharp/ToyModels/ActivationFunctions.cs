using Superposition.DataViews;
using static TorchSharp.torch;

namespace Superposition.ToyModels;

/// <summary>What each <see cref="Activation"/> is, for torch and in a saved graph.</summary>
internal static class ActivationFunctions
{
    const float LayerNormEpsilon = 1e-5f;   // torch's

    /// <summary>Over the last axis, where the activation looks at more than one unit.</summary>
    public static Tensor Of(Activation activation, Tensor a) => activation switch
    {
        Activation.Relu => nn.functional.relu(a),
        Activation.Gelu => nn.functional.gelu(a),
        Activation.Solu => a * a.softmax(-1),
        Activation.SoluLayerNorm => nn.functional.layer_norm(a * a.softmax(-1), [a.shape[^1]], eps: LayerNormEpsilon),
        _ => a,
    };

    /// <summary>The nodes from a [N, width] to the value of the name given, or of a fresh one.</summary>
    public static string Write(OnnxGraph graph, Activation activation, string a, int width, string? name = null) => activation switch
    {
        Activation.Relu => graph.Node("Relu", [a], name),
        Activation.Gelu => Gelu(graph, a, name),
        Activation.Solu => Solu(graph, a, name),
        Activation.SoluLayerNorm => LayerNorm(graph, Solu(graph, a, name: null), width, name),
        _ => graph.Node("Identity", [a], name),
    };

    static string Gelu(OnnxGraph graph, string a, string? name)
    {
        var erf = graph.Node("Erf", [graph.Node("Mul", [a, Number(graph, MathF.Sqrt(0.5f))])]);
        var distribution = graph.Node("Mul", [graph.Node("Add", [erf, Number(graph, 1)]), Number(graph, 0.5f)]);
        return graph.Node("Mul", [a, distribution], name);
    }

    static string Solu(OnnxGraph graph, string a, string? name) => graph.Node("Mul", [a, graph.Node("Softmax", [a])], name);

    // A mean over the units is a product with a matrix of 1/width.
    static string LayerNorm(OnnxGraph graph, string a, int width, string? name)
    {
        var averaging = new float[width * width];
        averaging.AsSpan().Fill(1f / width);
        var mean = graph.Constant(averaging, width, width);
        var centred = graph.Node("Sub", [a, graph.Node("MatMul", [a, mean])]);
        var variance = graph.Node("MatMul", [graph.Node("Mul", [centred, centred]), mean]);
        var deviation = graph.Node("Sqrt", [graph.Node("Add", [variance, Number(graph, LayerNormEpsilon)])]);
        return graph.Node("Div", [centred, deviation], name);
    }

    static string Number(OnnxGraph graph, float value) => graph.Constant([value], 1);
}

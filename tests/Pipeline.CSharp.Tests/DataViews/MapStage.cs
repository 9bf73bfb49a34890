using Superposition.DataViews;

namespace Superposition.Tests.DataViews;

/// <summary>A <see cref="CountingMap"/> as a fitted stage, with its ONNX graph.</summary>
sealed class MapStage(CountingMap map) : BatchTransformer
{
    private protected override BatchMap Map => map;

    private protected override void WriteGraph(OnnxGraph graph)
    {
        graph.Node("Add", [map.InputColumn, map.InputColumn], "Double");
        var ones = graph.Constant([.. Enumerable.Repeat(1f, map.InputWidth)], map.InputWidth, 1);
        var sum = graph.Node("MatMul", [map.InputColumn, ones]);
        var squares = graph.Node("MatMul", [graph.Node("Mul", [map.InputColumn, map.InputColumn]), ones]);
        graph.Node("Concat", [sum, squares], "Moments", ("axis", 1));
    }
}

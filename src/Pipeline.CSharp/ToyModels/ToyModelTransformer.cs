using Superposition.DataViews;
using Superposition.Native;
using static TorchSharp.torch;

namespace Superposition.ToyModels;

/// <summary>
/// Trained toy models. Serves one instance: features [n] → the last hidden layer's activations [d] and <c>Reconstruction</c>
/// [outputs], what the model makes of the features it was asked for.
/// </summary>
public sealed class ToyModelTransformer : BatchTransformer
{
    /// <summary>The column of the outputs y; x̂ where features are reconstructed.</summary>
    public const string ReconstructionColumn = "Reconstruction";

    readonly ServedToyModel map;

    internal ToyModelTransformer(
        string output, string input, IReadOnlyList<ToyModel> instances, ToyModelHistory history, int? served)
    {
        (Instances, History) = (instances, history);
        Served = served ?? Enumerable.Range(0, instances.Count).MinBy(j => instances[j].Loss);
        map = new(output, input, Model);
    }

    /// <summary>[K] Every instance, in order of their streams.</summary>
    public IReadOnlyList<ToyModel> Instances { get; }

    /// <summary>Loss and norms during training; empty for a model that was read from a run.</summary>
    public ToyModelHistory History { get; }

    /// <summary>The instance that is served: the one asked for, or that with the lowest evaluation loss.</summary>
    public int Served { get; }

    /// <summary>The model that is served.</summary>
    public ToyModel Model => Instances[Served];

    private protected override BatchMap Map => map;

    private protected override void WriteGraph(OnnxGraph graph)
    {
        var (hidden, d) = (map.InputColumn, Model.Dimensions);
        for (var l = 0; l < Model.Architecture.HiddenLayers; l++)
        {
            var weights = l == 0 ? graph.Constant(Rows.Flat(Model.W), Model.Features, d) : graph.Constant(Rows.Flat(Model.Inner[l - 1]), d, d);
            var pre = graph.Node("MatMul", [hidden, weights]);
            if (Model.HiddenBiases.Count > 0) pre = graph.Node("Add", [pre, graph.Constant(Model.HiddenBiases[l], d)]);
            var name = l + 1 == Model.Architecture.HiddenLayers ? map.Outputs[0].Name : null;
            hidden = ActivationFunctions.Write(graph, Model.Architecture.Hidden, pre, d, name);
        }
        var decoder = graph.Constant(Rows.Flat(Model.Decoder), Model.Outputs, d);
        var back = graph.Node("Gemm", [hidden, decoder, graph.Constant(Model.B, Model.Outputs)], attribute: ("transB", 1));
        ActivationFunctions.Write(graph, Model.Architecture.Output, back, Model.Outputs, map.Outputs[1].Name);
    }

    sealed class ServedToyModel(string output, string input, ToyModel model) : BatchMap
    {
        readonly Lazy<ToyModelParameters> parameters = new(() =>
        {
            TorchLibrary.EnsureLoaded();
            return ToyModelParameters.Of([model]);
        });

        public override string InputColumn => input;
        public override int InputWidth => model.Features;
        public override int BatchSize => 1024;
        public override IReadOnlyList<(string Name, int Width)> Outputs { get; } =
            [(output, model.Dimensions), (ReconstructionColumn, model.Outputs)];

        public override RowBuffer?[] Compute(Memory<float> input, int rows, IReadOnlyList<bool> wanted)
        {
            using var scope = NewDisposeScope();
            using var noGradient = no_grad();
            var hidden = parameters.Value.Hidden(tensor(input, [1, rows, model.Features]));
            return
            [
                wanted[0] ? new DenseRows(hidden.data<float>().ToArray(), model.Dimensions) : null,
                wanted[1] ? new DenseRows(parameters.Value.Outputs(hidden).data<float>().ToArray(), model.Outputs) : null,
            ];
        }
    }
}

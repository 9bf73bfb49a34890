using Superposition.DataViews;
using Superposition.Native;
using Superposition.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Superposition.ToyModels;

/// <summary>
/// Trained toy models. Serves one instance: features [n] → activations Wᵀx [d] and <c>Reconstruction</c> [n].
/// </summary>
public sealed class ToyModelTransformer : BatchTransformer
{
    /// <summary>The column of x̂.</summary>
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
        var w = graph.Constant(Rows.Flat(Model.W), Model.Features, Model.Dimensions);
        graph.Node("MatMul", [map.InputColumn, w], map.Outputs[0].Name);
        var back = graph.Node("Gemm", [map.Outputs[0].Name, w, graph.Constant(Model.B, Model.Features)], attribute: ("transB", 1));
        graph.Node("Relu", [back], map.Outputs[1].Name);
    }

    sealed class ServedToyModel(string output, string input, ToyModel model) : BatchMap
    {
        readonly Lazy<(Tensor W, Tensor B)> weights = new(() =>
        {
            TorchLibrary.EnsureLoaded();
            return (
                tensor(Rows.Flat(model.W).ToArray(), model.Features, model.Dimensions).DetachFromDisposeScope(),
                tensor(model.B).DetachFromDisposeScope());
        });

        public override string InputColumn => input;
        public override int InputWidth => model.Features;
        public override int BatchSize => 1024;
        public override IReadOnlyList<(string Name, int Width)> Outputs { get; } =
            [(output, model.Dimensions), (ReconstructionColumn, model.Features)];

        public override RowBuffer?[] Compute(Memory<float> input, int rows, IReadOnlyList<bool> wanted)
        {
            using var scope = NewDisposeScope();
            using var noGradient = no_grad();
            var (w, b) = weights.Value;
            var hidden = tensor(input, [rows, model.Features]).matmul(w);
            return
            [
                wanted[0] ? new DenseRows(hidden.data<float>().ToArray(), model.Dimensions) : null,
                wanted[1]
                    ? new DenseRows(torch.nn.functional.relu(Sums.Of(hidden.matmul(w.T), b)).data<float>().ToArray(), model.Features)
                    : null,
            ];
        }
    }
}

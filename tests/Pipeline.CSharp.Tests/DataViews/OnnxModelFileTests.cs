using CsCheck;
using Microsoft.ML.OnnxRuntime;
using Superposition.DataViews;
using Superposition.Tests.Storage;
using Xunit;

namespace Superposition.Tests.DataViews;

public sealed class OnnxModelFileTests : IDisposable
{
    readonly TemporaryFolder folder = new();
    readonly byte[] model;

    public OnnxModelFileTests()
    {
        var graph = new OnnxGraph();
        graph.Input("x", 3);
        graph.Node("Relu", ["x"], "hidden");
        graph.Nodes("Dropout", ["hidden"], ["kept", ""]);   // an output that is left out
        graph.Node("Neg", ["kept"], "y");
        graph.Output("y", 3);
        File.WriteAllBytes(folder["model.onnx"], model = graph.ToModel());
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void What_nodes_compute_is_listed_in_order() =>
        Assert.Equal(["hidden", "kept", "y"], OnnxModelFile.Read(folder["model.onnx"]).Tensors);

    [Fact]
    public void A_tensor_joins_the_outputs_that_are_there()
    {
        var file = OnnxModelFile.Read(folder["model.onnx"]);
        using var session = new InferenceSession(file.WithOutput("hidden"));
        Assert.Equal(["y", "hidden"], session.OutputNames);
        Assert.Equal(model, file.WithOutput("y"));
    }

    [Fact]
    public void What_is_no_model_is_refused()
    {
        foreach (var bytes in new[] { [], "1 2 3"u8.ToArray(), [0x93, .. "NUMPY"u8, 1, 0, 118, 0], new byte[100], [0x3A, 0x7F, 0x0A] })
        {
            File.WriteAllBytes(folder["x.onnx"], bytes);
            Assert.Equal(OnnxModelReason.NotOnnx, Assert.Throws<OnnxModelException>(() => OnnxModelFile.Read(folder["x.onnx"])).Reason);
        }
        Assert.Throws<FileNotFoundException>(() => OnnxModelFile.Read(folder["missing.onnx"]));
    }

    // Cut anywhere or with any byte changed, it is read or refused, never anything else.
    [Fact]
    public void A_damaged_file_is_read_or_refused_with_words() =>
        Gen.Select(Gen.Int[0, model.Length - 1], Gen.Byte, Gen.Bool).Sample((at, value, cut) =>
        {
            using var own = new TemporaryFolder();
            byte[] damaged = [.. model];
            damaged[at] = value;
            File.WriteAllBytes(own["x.onnx"], cut ? model[..at] : damaged);
            try
            {
                OnnxModelFile.Read(own["x.onnx"]);
            }
            catch (OnnxModelException error)
            {
                Assert.Equal(OnnxModelReason.NotOnnx, error.Reason);
            }
        }, iter: 300);
}

using System.Text.Json;
using Superposition.Tests.References;
using Superposition.ToyModels;
using Xunit;

namespace Superposition.Tests.ToyModels;

public sealed class ToyArchitectureTests
{
    // W = (1, −1)ᵀ, U = (2, 3)ᵀ, b = (−0.5, 0.25), x = (0.5, 0): Wᵀx = 0.5; x = (0, 0.5): Wᵀx = −0.5.
    public static TheoryData<string, double[], double[]> Equations => new()
    {
        { "linear", [0, -0.25], [-1, 0.75] },
        { "relu output", [0, 0], [0, 0.75] },
        { "relu hidden", [0, 0], [0, 0.25] },
        { "computing", [0.5, 1.75], [0, 0.25] },
    };

    [Theory]
    [MemberData(nameof(Equations))]
    public void The_papers_models_are_what_their_equations_say(string name, double[] first, double[] second)
    {
        var architecture = AnyToyModel.Architecture[name];
        var model = new ToyModel(new float[,] { { 1 }, { -1 } }, [-0.5f, 0.25f], double.NaN) { Architecture = architecture };
        if (!architecture.Tied) model = model with { Decoder = new float[,] { { 2 }, { 3 } } };
        var reference = new AnyToyModelReference(model, new() { Dimensions = 1, Seed = 1, Architecture = architecture });
        Assert.Equal(first, reference.Forward([0.5, 0]).Outputs);
        Assert.Equal(second, reference.Forward([0, 0.5]).Outputs);
    }

    [Fact]
    public void The_default_is_the_ReLU_output_model() => Assert.Equal(ToyArchitecture.ReluOutput, new ToyModelOptions { Dimensions = 1, Seed = 1 }.Architecture);

    [Fact]
    public void Every_problem_is_a_sentence()
    {
        var broken = new ToyArchitecture { HiddenLayers = 0, Hidden = (Activation)9, Output = Activation.Solu };
        Assert.Equal(
            [
                "HiddenLayers is 0; it must be at least 1.",
                "Hidden is 9; it must be one of Identity, Relu, Gelu, Solu, SoluLayerNorm.",
                "Output is Solu; it must be Identity, Relu or Gelu.",
            ],
            broken.Problems());
        Assert.All(AnyToyModel.Architecture.Values, architecture => Assert.Empty(architecture.Problems()));
    }

    [Fact]
    public void Architectures_are_read_back_from_JSON_equal() => Assert.All(AnyToyModel.Architecture.Values, architecture =>
        Assert.Equal(architecture, JsonSerializer.Deserialize<ToyArchitecture>(JsonSerializer.Serialize(architecture, OptionsJson.Settings), OptionsJson.Settings)));
}

using Xunit;
using static Superposition.Tests.References.SparseAutoencoderReference;

namespace Superposition.Tests.Autoencoders;

/// <summary>The comparison with the reference has teeth: an engine with one of these mistakes would be found at most shapes.</summary>
public sealed class MistakeTests(ITestOutputHelper output)
{
    const int Shapes = 100;
    const double Seen = 100 * 1e-5;   // a hundred tolerances of the comparison in single precision

    [Theory]
    [InlineData("TopK", Mistakes.BiasInEstimate)]
    [InlineData("TopK", Mistakes.BiasInTarget)]
    [InlineData("TopK", Mistakes.ResidualNotDetached)]
    [InlineData("TopK", Mistakes.ReluBeforeAttempt)]
    [InlineData("TopK, free rows", Mistakes.BiasInEstimate)]
    [InlineData("BatchTopK", Mistakes.BiasInTarget)]
    [InlineData("BatchTopK", Mistakes.ResidualNotDetached)]
    [InlineData("Matryoshka", Mistakes.BiasInTarget)]
    [InlineData("Matryoshka", Mistakes.ResidualNotDetached)]
    [InlineData("Matryoshka", Mistakes.ReluBeforeAttempt)]
    [InlineData("transcoder", Mistakes.ResidualNotDetached)]
    [InlineData("JumpReLU, step", Mistakes.ThresholdAsLogarithm)]
    [InlineData("JumpReLU, tanh", Mistakes.ThresholdAsLogarithm)]
    [InlineData("JumpReLU, quadratic", Mistakes.ThresholdAsLogarithm)]
    [InlineData("gated", Mistakes.AuxiliaryNotDetached)]
    public void A_mistake_would_be_seen(string name, Mistakes mistake)
    {
        var (found, could) = (0, 0);
        for (var seed = 0; seed < Shapes; seed++)
        {
            var draw = ArchitectureCase.All[name].Draw(seed);
            if (draw.Dead.Length == 0 && mistake is not (Mistakes.ThresholdAsLogarithm or Mistakes.AuxiliaryNotDetached)) continue;
            could++;
            var (right, wrong) = (ArchitectureCase.All[name].Loss(draw, Mistakes.None), ArchitectureCase.All[name].Loss(draw, mistake));
            if (Difference.Of(wrong.Gradients, right.Gradients) > Seen) found++;
        }
        output.WriteLine($"seen in {found} of {could} draws");
        Assert.InRange(could, Shapes / 2, Shapes);
        Assert.InRange(found, could / 2 + 1, could);
    }
}

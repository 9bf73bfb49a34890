using Superposition.Tests.Autoencoders;
using Xunit;
using static Superposition.Tests.References.SparseAutoencoderReference;

namespace Superposition.Tests.References;

/// <summary>The reference against difference quotients of its own losses, away from ties and kinks.</summary>
public sealed class SparseAutoencoderReferenceTests
{
    const double Step = 1e-5;   // far below the draws' margin

    [Theory]
    [InlineData(Mistakes.None)]
    [InlineData(Mistakes.BiasInEstimate)]
    [InlineData(Mistakes.ResidualNotDetached)]
    [InlineData(Mistakes.BiasInEstimate | Mistakes.ResidualNotDetached)]
    public void The_gradient_of_TopK_is_the_slope_of_its_loss(Mistakes mistakes)
    {
        for (var seed = 0; seed < 25; seed++)
        {
            var draw = AutoencoderDraw.TopK(new(seed), maxBatch: 5, maxDimensions: 7, maxLatents: 9);
            var here = draw.Reference.TopK(draw.X, draw.K, 0.7, draw.Dead, mistakes: mistakes);
            // A residual that is detached is the one here, wherever the parameters go.
            var held = mistakes.HasFlag(Mistakes.ResidualNotDetached) ? null : here.Residuals;
            AssertSlopes(draw.Reference, here.Gradients, () => draw.Reference.TopK(draw.X, draw.K, 0.7, draw.Dead, held, mistakes).Loss);
        }
    }

    [Fact]
    public void The_gradient_of_L1_is_the_slope_of_its_loss()
    {
        for (var seed = 0; seed < 25; seed++)
        {
            var draw = AutoencoderDraw.L1(new(seed), maxBatch: 5, maxDimensions: 7, maxLatents: 9);
            AssertSlopes(draw.Reference, draw.Reference.L1(draw.X, 0.3).Gradients, () => draw.Reference.L1(draw.X, 0.3).Loss);
        }
    }

    static void AssertSlopes(SparseAutoencoderReference reference, double[][] gradients, Func<double> loss)
    {
        foreach (var (parameter, gradient) in reference.Parameters.Zip(gradients))
            for (var i = 0; i < parameter.Length; i++)
            {
                var here = parameter[i];
                parameter[i] = here + Step;
                var above = loss();
                parameter[i] = here - Step;
                var slope = (above - loss()) / (2 * Step);
                parameter[i] = here;
                Assert.Equal(gradient[i], slope, 1e-6 * Math.Max(1, Math.Abs(gradient[i])));
            }
    }
}

using Superposition.Tests.Autoencoders;
using Xunit;
using static Superposition.Tests.References.SparseAutoencoderReference;

namespace Superposition.Tests.References;

/// <summary>The reference against difference quotients of its own losses, away from ties and kinks.</summary>
public sealed class SparseAutoencoderReferenceTests
{
    const double Step = 1e-5;   // far below the draws' margin

    public static TheoryData<string, Mistakes> Losses
    {
        get
        {
            var losses = new TheoryData<string, Mistakes>();
            foreach (var name in ArchitectureCase.All.Keys) losses.Add(name, Mistakes.None);
            // Wrong gradients, but gradients; that of log θ is not.
            foreach (var mistake in new[]
            {
                Mistakes.BiasInEstimate, Mistakes.ResidualNotDetached, Mistakes.BiasInTarget,
                Mistakes.BiasInEstimate | Mistakes.ResidualNotDetached,
            })
                losses.Add("TopK", mistake);
            losses.Add("gated", Mistakes.AuxiliaryNotDetached);
            return losses;
        }
    }

    [Theory]
    [MemberData(nameof(Losses))]
    public void The_gradient_is_the_slope_of_the_loss_with_constants_held_and_estimates_along_their_slopes(string name, Mistakes mistakes)
    {
        var architecture = ArchitectureCase.All[name];
        for (var seed = 0; seed < 12; seed++)
        {
            var draw = architecture.Draw(seed, new(Batch: 3, Dimensions: 4, Latents: 5));
            var estimates = draw.Reference.Estimates = new();
            var gradients = architecture.Loss(draw, mistakes).Gradients;
            foreach (var (parameter, values) in draw.Reference.Parameters)
                for (var i = 0; i < values.Length; i++)
                {
                    var here = values[i];
                    var slope = (LossAt(values, i, here + Step) - LossAt(values, i, here - Step)) / (2 * Step);
                    values[i] = here;
                    Assert.Equal(gradients[parameter][i], slope, 1e-6 * Math.Max(1, Math.Abs(gradients[parameter][i])));
                }

            double LossAt(double[] values, int i, double value)
            {
                values[i] = value;
                estimates.Rewind();
                return architecture.Loss(draw, mistakes).Loss;
            }
        }
    }

    /// <summary>One latent, one dimension, by the formulas: Rajamanoharan et al. 2024, "Jumping Ahead", eq. 11 and 12.</summary>
    [Theory]
    [InlineData(0.5, true, true)]
    [InlineData(0.45, true, true)]
    [InlineData(0.35, false, true)]
    [InlineData(0.2, false, false)]
    [InlineData(0.7, true, false)]
    public void A_threshold_is_pulled_within_its_window_alone(double h, bool open, bool near)
    {
        const double theta = 0.4, width = 0.3, price = 2, x = 1.5;
        var reference = new SparseAutoencoderReference(1, new Dictionary<string, double[]>
        {
            ["W_enc"] = [1], ["b_enc"] = [h - x], ["W_dec"] = [1], ["b_dec"] = [0], ["threshold"] = [theta],
        });
        var z = open ? h : 0;
        var byZ = -2 * (x - z);   // of (x − z)²
        var step = reference.JumpRelu([[x]], width, Price.Step, price, 1, 0, false, 0, []).Gradients;
        Assert.Equal(near ? -theta / width * byZ - price / width : 0, step["threshold"][0], 1e-12);
        Assert.Equal(open ? byZ : 0, step["b_enc"][0], 1e-12);
        var tanh = reference.JumpRelu([[x]], width, Price.Tanh, price, 1, 4, false, 0, []).Gradients;
        var byPrice = byZ + price * 4 * (1 - Math.Pow(Math.Tanh(4 * z), 2));
        Assert.Equal(near ? -theta / width * byPrice : 0, tanh["threshold"][0], 1e-12);
        Assert.Equal(open ? byPrice : 0, tanh["b_enc"][0], 1e-12);
        var quadratic = reference.JumpRelu([[x]], width, Price.Quadratic, price, 0.5, 0, false, 0, []).Gradients;
        var excess = (open ? 1 : 0) / 0.5 - 1;
        Assert.Equal(near ? -theta / width * byZ - price * 2 * excess / 0.5 / width : 0, quadratic["threshold"][0], 1e-12);
    }
}

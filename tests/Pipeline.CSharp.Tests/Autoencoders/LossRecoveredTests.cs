using Superposition.Autoencoders;
using Superposition.DataViews;
using Superposition.Models;
using Superposition.Tests.Models;
using Xunit;

namespace Superposition.Tests.Autoencoders;

public sealed class LossRecoveredTests
{
    const string Point = "blocks.2.hook_resid_post";

    static readonly TokenText Text = TokenText.Sampled(Stories.Model, 2000, 200, seed: 1);

    // Two latents a dimension, one for each sign: x̂ = x.
    static SparseAutoencoder Identity(float scale)
    {
        var (encoder, decoder) = (new float[64, 128], new float[128, 64]);
        for (var i = 0; i < 64; i++)
        {
            (encoder[i, i], encoder[i, 64 + i]) = (1, -1);
            (decoder[i, i], decoder[64 + i, i]) = (scale, -scale);
        }
        return new(encoder, new float[128], decoder, new float[64], new ReluActivation());
    }

    [Fact]
    public void An_autoencoder_that_gives_back_what_it_gets_loses_nothing()
    {
        var loss = LossRecovered.Of(Identity(1), Stories.Model, Text, Point, TestContext.Current.CancellationToken);
        Assert.Equal(loss.Clean, loss.Reconstructed, 1e-5);
        Assert.Equal(1, loss.OverZero, 1e-5);
        Assert.Equal(1, loss.OverMean, 1e-5);
        Assert.Equal(2000 - 10, loss.Tokens);
        Assert.InRange(loss.Clean, 0.5, 1.5);
        Assert.True(loss.ZeroAblated > loss.Clean + 1 && loss.MeanAblated > loss.Clean + 1);
    }

    [Fact]
    public void One_that_gives_nothing_is_the_zero_ablation_and_its_bias_alone_the_mean_ablation()
    {
        var nothing = LossRecovered.Of(Identity(0), Stories.Model, Text, Point, TestContext.Current.CancellationToken);
        Assert.Equal(0, nothing.OverZero, 1e-5);
        var mean = new float[64];
        var matrix = new Microsoft.ML.MLContext().Data.ModelActivations(Stories.Model, Text, Point).ToMatrix();
        for (var i = 0; i < 64; i++) mean[i] = Enumerable.Range(0, Text.Count).Average(r => matrix[r, i]);
        var biased = LossRecovered.Of(Identity(0) with { DecoderBias = mean }, Stories.Model, Text, Point, TestContext.Current.CancellationToken);
        Assert.Equal(0, biased.OverMean, 1e-3);
    }

    [Fact]
    public void One_of_another_width_is_refused()
    {
        var refused = Assert.Throws<InputDataException>(() =>
            LossRecovered.Of(Identity(1), Stories.Model, Text, "blocks.2.mlp.hook_post", TestContext.Current.CancellationToken));
        Assert.Equal(InputDataReason.WrongSize, refused.Reason);
    }
}

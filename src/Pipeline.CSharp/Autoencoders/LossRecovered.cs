using System.Runtime.InteropServices;
using Superposition.DataViews;
using Superposition.Models;
using static TorchSharp.torch;

namespace Superposition.Autoencoders;

/// <summary>
/// What an autoencoder keeps of what a model does: the model's loss, in nats a token, with x̂ in place of the activation, between that of
/// the model as it is and that with the activation ablated (Bricken et al. 2023, "Towards Monosemanticity", appendix).
/// </summary>
/// <param name="Clean">The model as it is.</param>
/// <param name="Reconstructed">With x̂ in place of x.</param>
/// <param name="ZeroAblated">With 0 in place of x.</param>
/// <param name="MeanAblated">With the mean of x over the text in its place.</param>
/// <param name="Tokens">Tokens predicted.</param>
public sealed record LossRecovered(double Clean, double Reconstructed, double ZeroAblated, double MeanAblated, long Tokens)
{
    /// <summary>(zero-ablated − reconstructed) / (zero-ablated − clean): 1 where nothing is lost.</summary>
    public double OverZero => (ZeroAblated - Reconstructed) / (ZeroAblated - Clean);

    /// <summary>The same against the mean, which is the harder baseline.</summary>
    public double OverMean => (MeanAblated - Reconstructed) / (MeanAblated - Clean);

    /// <summary>Runs the model over a text four times.</summary>
    /// <param name="autoencoder">Of activations at that point; not a transcoder.</param>
    /// <param name="model">The model.</param>
    /// <param name="text">Windows of at least two tokens.</param>
    /// <param name="point">Where x̂ takes the place of x.</param>
    /// <param name="cancellation">Stops at the next window.</param>
    /// <exception cref="InputDataException">The autoencoder is of another width.</exception>
    /// <exception cref="HookException">There is no such point.</exception>
    public static LossRecovered Of(
        SparseAutoencoder autoencoder, LanguageModel model, TokenText text, string point, CancellationToken cancellation = default)
    {
        var width = HookPoints.Width(model.Config, point);
        if (width != autoencoder.Dimensions || width != autoencoder.OutputDimensions)
            throw new InputDataException(InputDataReason.WrongSize,
                $"{point}: expected an autoencoder of {width} dimensions, found one from {autoencoder.Dimensions} to {autoencoder.OutputDimensions}. Take the one that was trained there.");
        using var scope = NewDisposeScope();
        using var pass = new AutoencoderPass(autoencoder);
        var (clean, tokens) = MeanLoss(model, text, [], cancellation);
        var mean = tensor(Mean(model, text, point, cancellation));
        return new(clean, MeanLoss(model, text, [new(point, x => Reconstruction(pass, x))], cancellation).Loss,
            MeanLoss(model, text, [Hook.Zero(point)], cancellation).Loss,
            MeanLoss(model, text, [new(point, x => mean.view_as(x.select(0, 0).select(0, 0)).expand_as(x))], cancellation).Loss, tokens);
    }

    /// <summary>Mean nats a token that follows another in its window.</summary>
    internal static (double Loss, long Tokens) MeanLoss(LanguageModel model, TokenText text, IReadOnlyList<Hook> hooks, CancellationToken cancellation)
    {
        var (sum, count) = (0.0, 0L);
        foreach (var tokens in text.Batches())
        {
            cancellation.ThrowIfCancellationRequested();
            if (tokens.GetLength(1) < 2) continue;   // nothing follows a token alone
            foreach (var loss in model.Losses(tokens, hooks)) (sum, count) = (sum + loss, count + 1);
        }
        return (sum / count, count);
    }

    static float[] Mean(LanguageModel model, TokenText text, string point, CancellationToken cancellation)
    {
        var sum = new double[HookPoints.Width(model.Config, point)];
        foreach (var tokens in text.Batches())
        {
            cancellation.ThrowIfCancellationRequested();
            using var cache = model.RunWithCache(tokens, point);
            var values = MemoryMarshal.Cast<byte, float>(cache[point].bytes);
            for (var i = 0; i < values.Length; i++) sum[i % sum.Length] += values[i];
        }
        return [.. sum.Select(total => (float)(total / text.Count))];
    }

    static Tensor Reconstruction(AutoencoderPass pass, Tensor x)
    {
        var rows = x.flatten(0, 1).flatten(1).contiguous();
        return tensor(pass.Decode(pass.Encode(rows), (int)rows.shape[0], pass.Skip(rows))).view(x.shape);
    }
}

using Superposition.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Superposition.Autoencoders;

/// <summary>
/// Gives dead latents the directions of inputs that are badly reconstructed: a row drawn with probability ∝ ‖x − x̂‖²,
/// decoder row its direction at the live rows' mean norm, encoder 0.2 of the live ones' mean norm, bias 0, moments 0
/// (Bricken et al. 2023, "Neuron resampling"; dictionary_learning trainers/standard.py).
/// </summary>
internal static class Resampling
{
    /// <param name="engine">Whose latents.</param>
    /// <param name="x">[B, d]</param>
    /// <param name="errors">[B] ‖x − x̂‖²</param>
    /// <param name="dead">Which latents.</param>
    /// <param name="seed">Of the draws.</param>
    public static void Apply(StepEngine engine, Tensor x, ReadOnlySpan<float> errors, long[] dead, long seed)
    {
        var parameters = engine.Parameters;
        var live = Enumerable.Range(0, (int)parameters.Decoder.shape[0]).Select(j => (long)j).Except(dead).ToArray();
        if (dead.Length == 0 || live.Length == 0) return;
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var encoderNorm = tensor(0.2f) * parameters.Encoder.index_select(0, tensor(live)).norm(dim: 1).mean();
        var decoderNorm = parameters.DecoderNorms().index_select(0, tensor(live)).mean();
        var centred = x - parameters.DecoderBias;
        var (cumulative, sum) = (new double[errors.Length], 0.0);
        for (var b = 0; b < errors.Length; b++) cumulative[b] = sum += errors[b];
        var random = new CounterRandom(CounterRandom.Key(seed, 3));
        foreach (var latent in dead)
        {
            var row = Array.BinarySearch(cumulative, random.NextUniform() * cumulative[^1]);
            var input = centred.select(0, Math.Min(row < 0 ? ~row : row, cumulative.Length - 1));
            var norm = input.norm();
            if (norm.item<float>() == 0) continue;   // the sample lies on b_dec and has no direction
            var direction = input / norm;
            parameters.Decoder.select(0, latent).copy_(direction * decoderNorm);
            if (!ReferenceEquals(parameters.Encoder, parameters.Decoder)) parameters.Encoder.select(0, latent).copy_(direction * encoderNorm);
            parameters.EncoderBias.select(0, latent).zero_();
        }
        engine.Forget(dead);
        engine.ParametersChanged();
    }
}

using Superposition.Autoencoders;
using Superposition.Training;
using Xunit;

namespace Superposition.Tests.Autoencoders;

/// <summary>The sparse engine against autograd, as a whole: plain descent makes every difference of a gradient one of the weights.</summary>
public sealed class SparseEngineTests(ITestOutputHelper output)
{
    const int Dimensions = 19, Latents = 40;   // widths that fill no vector

    static readonly SgdOptions Descent = new() { LearningRate = 0.05 };

    static readonly Dictionary<string, SparseAutoencoderOptions> Kinds = new()
    {
        ["TopK"] = new TopKOptions { Latents = Latents, Seed = 1, K = 4 },
        ["TopK, free decoder"] = new TopKOptions { Latents = Latents, Seed = 1, K = 4, DecoderNorm = DecoderNorm.Free },
        ["AbsTopK"] = new AbsTopKOptions { Latents = Latents, Seed = 1, K = 5 },
        ["BatchTopK"] = new BatchTopKOptions { Latents = Latents, Seed = 1, K = 3.5 },
        ["BatchTopK, unit decoder"] = new BatchTopKOptions { Latents = Latents, Seed = 1, K = 3.5, DecoderNorm = DecoderNorm.Unit },
        ["Matryoshka"] = new MatryoshkaOptions { Latents = Latents, Seed = 1, K = 4, Widths = [5, 17, 40] },
        ["Matryoshka, one residual for the dead"] =
            new MatryoshkaOptions { Latents = Latents, Seed = 1, K = 4, Widths = [5, 17, 40], AuxiliaryByLevel = false },
        ["L1"] = new L1Options { Latents = Latents, Seed = 1, Coefficient = 0.4, WarmUp = 0.5 },
        ["L1, unit decoder"] = new L1Options { Latents = Latents, Seed = 1, Coefficient = 0.4, DecoderNorm = DecoderNorm.Unit },
        ["L1 towards an L0"] = new L1Options { Latents = Latents, Seed = 1, Coefficient = 0.4, TargetL0 = 3 },
        ["p-annealing"] = new PAnnealingOptions { Latents = Latents, Seed = 1, Coefficient = 0.4, FinalPower = 0.8 },   // far below 1 it is too steep beside 0
        ["p-annealing, root, free decoder"] =
            new PAnnealingOptions { Latents = Latents, Seed = 1, Coefficient = 0.4, FinalPower = 0.8, TakesRoot = true, DecoderNorm = DecoderNorm.Free },
        ["gated"] = new GatedOptions { Latents = Latents, Seed = 1, Coefficient = 0.4 },
        ["gated, free decoder"] = new GatedOptions { Latents = Latents, Seed = 1, Coefficient = 0.4, DecoderNorm = DecoderNorm.Free },
        ["gated, free decoder, nothing detached"] =
            new GatedOptions { Latents = Latents, Seed = 1, Coefficient = 0.4, DetachesAuxiliary = false, DecoderNorm = DecoderNorm.Free },
        ["gated, unit decoder, nothing detached"] =
            new GatedOptions { Latents = Latents, Seed = 1, Coefficient = 0.4, DetachesAuxiliary = false, DecoderNorm = DecoderNorm.Unit },
        ["JumpReLU"] = new JumpReluOptions { Latents = Latents, Seed = 1, Coefficient = 0.4, InitialThreshold = 0.3, Bandwidth = 0.4 },
        ["JumpReLU, tanh, the dead pulled"] = new JumpReluOptions
        {
            Latents = Latents, Seed = 1, Coefficient = 0.4, InitialThreshold = 1.2, Bandwidth = 0.4, Penalty = JumpReluPenalty.Tanh, DeadCoefficient = 0.1,
        },
        ["JumpReLU, quadratic, unit decoder"] = new JumpReluOptions
        {
            Latents = Latents, Seed = 1, InitialThreshold = 1.8, Bandwidth = 0.4, Penalty = JumpReluPenalty.Quadratic, TargetL0 = 5,
            DecoderNorm = DecoderNorm.Unit, DeadCoefficient = 0.1,
        },
    };

    public static TheoryData<string> Names => [.. Kinds.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Both_engines_descend_alike(string kind)
    {
        foreach (var (clip, rows) in new (double?, int)[] { (null, 70), (0.5, 70), (null, 13), (0.5, 13) })
        {
            var options = Kinds[kind] with
            {
                Samples = 4 * rows,
                BatchSize = rows,
                DeadAfter = rows,
                Optimizer = Descent,
                GradientClip = clip,
                InitialDecoderNorm = 0.6,
                HistoryEvery = 1,
            };
            var view = Recorded.View(Recorded.Normal(seed: 5, 4 * rows, Dimensions));
            var (sparse, dense) = (options.Train(view), (options with { Engine = SparseAutoencoderEngine.Autograd }).Train(view));
            var begun = (options with { Optimizer = new SgdOptions { LearningRate = 1e-30 } }).Train(view).Autoencoder;
            double[] differences =
            [
                Difference(begun.Encoder, sparse.Autoencoder.Encoder, dense.Autoencoder.Encoder),
                Difference(begun.Decoder, sparse.Autoencoder.Decoder, dense.Autoencoder.Decoder),
                Difference(begun.EncoderBias, sparse.Autoencoder.EncoderBias, dense.Autoencoder.EncoderBias),
                Difference(begun.DecoderBias, sparse.Autoencoder.DecoderBias, dense.Autoencoder.DecoderBias),
                .. sparse.Autoencoder.Activation.Vectors.Zip(dense.Autoencoder.Activation.Vectors, begun.Activation.Vectors)
                    .Select(own => Difference(own.Third.Values, own.First.Values, own.Second.Values)),
            ];
            output.WriteLine($"clip {clip}, {rows} rows: {string.Join(" ", differences.Select(difference => difference.ToString("E1")))}; "
                + $"{sparse.History.Metrics[^1]}");
            Assert.All(differences, difference => Assert.InRange(difference, 0, 2e-5));
            foreach (var (a, b) in sparse.History.Metrics.Zip(dense.History.Metrics))
            {
                Assert.Equal(b.Loss, a.Loss, 1e-5 * b.Loss);
                Assert.Equal(b.SquaredError, a.SquaredError, 1e-5 * b.SquaredError);
                Assert.Equal(b.L0, a.L0);
                Assert.Equal(b.DeadFraction, a.DeadFraction);
            }
            if (rows == 13 && options is SelectingOptions or JumpReluOptions { DeadCoefficient: > 0 }) Assert.Contains(sparse.History.Metrics, at => at.DeadFraction > 0);
        }
    }

    /// <summary>
    /// bfloat16 keeps 8 significant bits: 2⁻⁸. A hundredth is allowed, for a latent close to its threshold that crosses it comes or goes
    /// whole; and the error is compared, not the loss, for a price on counts jumps then, too.
    /// </summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void In_bfloat16_the_first_error_is_that_in_single_to_its_rounding(string kind)
    {
        var options = Kinds[kind] with { Samples = 70, BatchSize = 70, Optimizer = Descent, InitialDecoderNorm = 0.6, HistoryEvery = 1 };
        var view = Recorded.View(Recorded.Normal(seed: 5, 70, Dimensions));
        var single = options.Train(view).History.Metrics[^1].SquaredError;
        var half = (options with { EncoderPrecision = EncoderPrecision.BFloat16 }).Train(view).History.Metrics[^1].SquaredError;
        output.WriteLine($"{single:G9} {half:G9} {Math.Abs(half - single) / single:E1}");
        Assert.NotEqual(single, half);
        Assert.Equal(single, half, single / 100);
    }

    // Of what was learnt, not of the weights, as far as single precision tells them apart.
    static double Difference(Array begun, Array one, Array other)
    {
        var (start, x, y) = (begun.Cast<float>().ToArray(), one.Cast<float>().ToArray(), other.Cast<float>().ToArray());
        var scale = Math.Max(y.Zip(start, (a, b) => a - b).Norm(), 0.02 * y.Norm());
        return scale == 0 ? x.Norm() : x.Zip(y, (a, b) => a - b).Norm() / scale;
    }
}

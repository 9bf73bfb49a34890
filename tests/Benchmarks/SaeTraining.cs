using Superposition.Autoencoders;
using Superposition.Native;
using Superposition.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Superposition.Benchmarks;

/// <summary>A step of an autoencoder's training: sizes, and what both sides do.</summary>
/// <param name="Name">Of the benchmark.</param>
/// <param name="Dimensions">d</param>
/// <param name="Latents">m</param>
/// <param name="K">L0, or about it.</param>
/// <param name="Target">The ratio asked for.</param>
sealed record AutoencoderStep(string Name, int Dimensions, int Latents, double K, double Target)
{
    public int Batch => 1024;
    public bool ByBatch { get; init; }
    public bool UnitDecoder { get; init; }
    public double? Clip { get; init; }
    public float? Threshold { get; init; }
    public EncoderPrecision Precision { get; init; }
    public float Bandwidth => 0.05f;
    public float Price => 0.1f;
    public double LearningRate => 1e-4;

    public SparseAutoencoderOptions Options
    {
        get
        {
            var adam = new AdamWOptions { LearningRate = LearningRate };
            SparseAutoencoderOptions kind = Threshold is { } threshold
                ? new JumpReluOptions { Latents = Latents, Seed = 1, InitialThreshold = threshold, Bandwidth = Bandwidth, Coefficient = Price, WarmUp = 0 }
                : ByBatch ? new BatchTopKOptions { Latents = Latents, Seed = 1, K = K }
                : new TopKOptions { Latents = Latents, Seed = 1, K = (int)K };
            return kind with { BatchSize = Batch, Samples = 1L << 40, Optimizer = adam, GradientClip = Clip, StartAtDataMean = false, DeadAfter = 1L << 40, EncoderPrecision = Precision };
        }
    }
}

/// <summary>How much faster is a sparse step than the dense one on libtorch? Same weights, batch, precision, optimiser and threads.</summary>
sealed class SaeTraining(AutoencoderStep kind) : Benchmark
{
    const int CheckedSteps = 5, Rounds = 9;

    // Of the loss: ours rounds the encoder's product to 8 bits, autocast every product.
    double Tolerance => kind.Precision == EncoderPrecision.Single ? 1e-3 : 1e-2;

    public override string Name => kind.Name;

    // The encoder's product, and one pass over parameters and moments.
    double FloorMilliseconds =>
        (double)kind.Batch * kind.Dimensions * kind.Latents / (Machine.MultiplyAdds.Value * Environment.ProcessorCount) / 1e6;

    public override string Run()
    {
        TorchLibrary.EnsureLoaded();
        var architecture = kind.Options.Architecture;
        var mean = new float[kind.Dimensions];
        using var ours = new SparseSteps(
            kind.Options, architecture, architecture.Kernel!, new SparseAutoencoderParameters(kind.Options, architecture, mean, mean));
        using var theirs = new EagerAutoencoder(kind, ours.Parameters.Encoder, ours.Parameters.Decoder);
        using var x = randn(kind.Batch, kind.Dimensions, generator: new Generator(1));
        var (step, l0) = (0L, 0.0);
        for (var s = 0; s < CheckedSteps; s++)
        {
            var (loss, expected) = (Ours(), theirs.Step(x));
            Check(Math.Abs(loss - expected) < Tolerance * expected, $"the loss {expected} at step {s + 1}, found {loss}");
        }
        var times = Medians(Rounds, () => Ours(), () => theirs.Step(x));
        // Asked for, and measured as what the cores can do, in single precision alone.
        (string, double)[] asked = kind.Precision == EncoderPrecision.Single ? [("target", kind.Target), ("floor", FloorMilliseconds)] : [];
        return Line([("ours", times[0]), ("libtorch", times[1]), ("ratio", times[1] / times[0]), .. asked,
            ("l0", l0), ("samples/s", kind.Batch / times[0] * 1000)]);

        double Ours()
        {
            var outcome = ours.Step(new(x, x, [], ++step));
            ours.Update();
            l0 = outcome.L0;
            return outcome.Loss;
        }
    }
}

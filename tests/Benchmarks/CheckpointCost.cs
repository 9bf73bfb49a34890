using Superposition.Autoencoders;
using Superposition.Features;
using Superposition.Training;

namespace Superposition.Benchmarks;

/// <summary>What does a checkpoint a minute cost, as by default? Asked for: 2 % at the most. Measured as what one more adds to a training of seconds,
/// the disk's part after it returns included.</summary>
sealed class CheckpointCost : Benchmark
{
    const int Steps = 60, Batch = 1024;
    const double Minute = 60_000, Target = 0.98;

    static readonly SparseFeatureView Rows = new(new() { Features = 512, Density = 0.05, Rows = 1L << 40, Seed = 1 });

    static readonly SparseAutoencoderOptions[] All = [new TopKOptions { Latents = 4096, K = 32, Seed = 1, BatchSize = Batch, Samples = Steps * Batch, HistoryEvery = Steps }];

    public override string Name => "checkpoints";

    public override string Run()
    {
        var folder = Directory.CreateTempSubdirectory("superposition-");
        try
        {
            var (saved, bytes) = (0, 0L);
            Checkpoint Once() => new(Path.Combine(folder.FullName, "c"), "{}", new() { EverySteps = Steps / 2 });
            var with = Train(Once());
            foreach (var file in folder.EnumerateFiles("*", SearchOption.AllDirectories)) (saved, bytes) = (saved + 1, file.Length);
            Check(saved == 1, $"one checkpoint, found {saved}");
            Check(with.Autoencoder.Decoder.Cast<float>().SequenceEqual(Train(null).Autoencoder.Decoder.Cast<float>()), "the weights of a training without checkpoints");
            var times = Medians(15, () => Train(Once()), () => Train(null));
            var one = times[0] - times[1];
            return Line(("ours", times[0]), ("without", times[1]), ("one", one), ("target", Target), ("ratio", Minute / (Minute + one)), ("bytes", bytes));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    static TrainedAutoencoder Train(Checkpoint? checkpoint)
    {
        checkpoint?.Delete();
        return SparseAutoencoderSet.Train(Rows, "Features", All, checkpoint, watch: null, new("checkpoints", Steps, null, null, default))[0];
    }
}

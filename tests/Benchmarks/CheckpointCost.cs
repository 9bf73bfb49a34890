using Superposition.Autoencoders;
using Superposition.Features;
using Superposition.Training;

namespace Superposition.Benchmarks;

/// <summary>What do checkpoints cost that are saved as often as they ever are? Asked for: 2 % at the most. A minute apart, as by default, they cost what one takes over that minute.</summary>
sealed class CheckpointCost : Benchmark
{
    const int Steps = 400, Batch = 1024;
    const double Target = 0.98;

    static readonly SparseFeatureView Rows = new(new() { Features = 512, Density = 0.05, Rows = 1L << 40, Seed = 1 });

    static readonly SparseAutoencoderOptions[] All = [new TopKOptions { Latents = 4096, K = 32, Seed = 1, BatchSize = Batch, Samples = Steps * Batch, HistoryEvery = Steps }];

    public override string Name => "checkpoints";

    public override string Run()
    {
        var folder = Directory.CreateTempSubdirectory("superposition-");
        try
        {
            var (saved, bytes) = (0, 0L);
            var with = Train(new(Path.Combine(folder.FullName, "c"), "{}", new() { Every = TimeSpan.Zero }));
            foreach (var file in folder.EnumerateFiles("*", SearchOption.AllDirectories)) (saved, bytes) = (saved + 1, file.Length);
            Check(saved == 2, $"two checkpoints kept, found {saved}");
            Check(with.Autoencoder.Decoder.Cast<float>().SequenceEqual(Train(null).Autoencoder.Decoder.Cast<float>()), "the weights of a training without checkpoints");
            var times = Medians(5, () => Train(new(Path.Combine(folder.FullName, "c"), "{}", new() { Every = TimeSpan.Zero })), () => Train(null));
            return Line(("ours", times[0]), ("without", times[1]), ("target", Target), ("ratio", times[1] / times[0]), ("bytes", bytes));
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

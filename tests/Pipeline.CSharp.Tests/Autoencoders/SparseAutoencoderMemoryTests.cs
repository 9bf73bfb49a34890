using Microsoft.ML;
using Microsoft.ML.Data;
using Superposition.Autoencoders;
using Xunit;

namespace Superposition.Tests.Autoencoders;

[Collection(nameof(Alone))]
public sealed class SparseAutoencoderMemoryTests
{
    const int Steps = 10_000, Batch = 8, Rows = 10_000;

    public static TheoryData<SparseAutoencoderEngine> Engines => [.. Enum.GetValues<SparseAutoencoderEngine>()];

    [Theory]
    [MemberData(nameof(Engines))]
    public void Ten_thousand_steps_hold_no_more_at_their_end_than_at_their_beginning(SparseAutoencoderEngine engine)
    {
        var watch = new Memory.Watch();
        SparseAutoencoderSet.Train(Recorded.View(Recorded.Normal(seed: 1, rows: 1000, dimensions: 12)), "Activations",
        [
            new BatchTopKOptions { Latents = 32, K = 3, Samples = Steps * Batch, BatchSize = Batch, Seed = 1, HistoryEvery = Steps, Engine = engine, Progress = watch },
        ]);
        watch.AssertFlat();
    }

    [Fact]
    public void Ten_thousand_rows_through_a_loaded_stage_hold_no_more_at_their_end_than_at_their_beginning()
    {
        var ml = new MLContext();
        var view = Recorded.View(Recorded.Normal(seed: 1, rows: Rows, dimensions: 12));
        using var file = new MemoryStream();
        ml.Model.Save(new TopKOptions { Latents = 32, K = 3, Seed = 1, Samples = 800, BatchSize = Batch }.Train(view, ml), view.Schema, file);
        file.Position = 0;
        var served = ml.Model.Load(file, out _).Transform(view);
        var (watch, row, latents) = (new Memory.Watch(), 0, default(VBuffer<float>));
        using var cursor = served.GetRowCursor([served.Schema["Latents"]]);
        var get = cursor.GetGetter<VBuffer<float>>(served.Schema["Latents"]);
        while (cursor.MoveNext())
        {
            get(ref latents);
            if (++row % 500 == 0) watch.Look(row);
        }
        Assert.Equal(Rows, row);
        watch.AssertFlat();
    }
}

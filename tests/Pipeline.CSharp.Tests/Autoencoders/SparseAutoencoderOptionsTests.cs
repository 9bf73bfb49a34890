using System.Text.Json;
using CsCheck;
using Superposition.Autoencoders;
using Superposition.DataViews;
using Superposition.Training;
using Xunit;

namespace Superposition.Tests.Autoencoders;

public sealed class SparseAutoencoderOptionsTests
{
    static readonly TopKOptions TopK = new() { Latents = 4, K = 2, Seed = 1 };
    static readonly L1Options L1 = new() { Latents = 4, Coefficient = 0.1, Seed = 1 };

    /// <summary>Options with one thing wrong, and what the message must name.</summary>
    public static TheoryData<SparseAutoencoderOptions, string> Wrong => new()
    {
        { TopK with { Latents = 0, K = 0 }, "Latents is 0" },
        { TopK with { K = 0 }, "K is 0; it must be from 1 to Latents = 4" },
        { TopK with { K = 5 }, "K is 5; it must be from 1 to Latents = 4" },
        { TopK with { AuxiliaryCoefficient = -0.1 }, "AuxiliaryCoefficient is -0.1" },
        { TopK with { AuxiliaryCoefficient = double.NaN }, "AuxiliaryCoefficient is NaN" },
        { TopK with { AuxiliaryCoefficient = double.PositiveInfinity }, "AuxiliaryCoefficient is" },
        { TopK with { Samples = 0 }, "Samples is 0" },
        { TopK with { BatchSize = 0 }, "BatchSize is 0" },
        { TopK with { DeadAfter = 0 }, "DeadAfter is 0" },
        { TopK with { HistoryEvery = 0 }, "HistoryEvery is 0" },
        { TopK with { ReconstructionColumn = "" }, "ReconstructionColumn is empty" },
        { TopK with { Optimizer = new AdamWOptions { LearningRate = 0 } }, "LearningRate is 0" },
        { TopK with { Optimizer = new AdamWOptions { LearningRate = double.NaN } }, "LearningRate is NaN" },
        { TopK with { Optimizer = new AdamWOptions { Beta2 = 1 } }, "Beta2 is 1" },
        { TopK with { Optimizer = new AdamWOptions { WeightDecay = -1 } }, "WeightDecay is -1" },
        { L1 with { Coefficient = 0 }, "Coefficient is 0; it must be above 0" },
        { L1 with { Coefficient = -1 }, "Coefficient is -1" },
        { L1 with { Coefficient = double.NaN }, "Coefficient is NaN" },
        { L1 with { Coefficient = double.PositiveInfinity }, "Coefficient is" },
        { L1 with { WarmUp = 1.5 }, "WarmUp is 1.5" },
        { L1 with { WarmUp = double.NaN }, "WarmUp is NaN" },
        { L1 with { ResampleEvery = -1 }, "ResampleEvery is -1" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void A_wrong_option_is_named_with_what_it_must_be(SparseAutoencoderOptions options, string expected) =>
        Assert.Contains(Problems(options), problem => problem.StartsWith(expected, StringComparison.Ordinal));

    [Fact]
    public void Every_problem_is_reported_at_once()
    {
        Assert.Equal(8, Problems(new TopKOptions
        {
            Latents = 0, K = 3, Seed = 1, AuxiliaryCoefficient = -1, Samples = 0, BatchSize = 0, DeadAfter = 0, HistoryEvery = 0,
            Optimizer = new AdamWOptions { LearningRate = -1 },
        }).Count);
        Assert.Equal(5, Problems(new L1Options
        {
            Latents = 0, Coefficient = 0, Seed = 1, WarmUp = -1, ResampleEvery = -1, Optimizer = new AdamWOptions { Epsilon = 0 },
        }).Count);
    }

    [Fact]
    public void The_defaults_can_be_used()
    {
        Assert.Empty(TopK.Problems());
        Assert.Empty(L1.Problems());
        Assert.Equal(977, TopK.Steps);   // 1,000,000 samples in batches of 1,024
    }

    [Fact]
    public void Steps_are_the_batches_that_hold_all_samples() => Gen.Select(Gen.Int[1, 100_000], Gen.Int[1, 5000]).Sample((samples, batch) =>
    {
        var steps = (TopK with { Samples = samples, BatchSize = batch }).Steps;
        Assert.InRange(steps * batch, samples, samples + batch - 1);
    });

    [Fact]
    public void A_recipe_names_the_architecture_and_leaves_out_who_listens()
    {
        using var source = new CancellationTokenSource();
        foreach (SparseAutoencoderOptions options in new SparseAutoencoderOptions[]
        {
            TopK with { Progress = new Progress<TrainingProgress>(), Cancellation = source.Token },
            L1 with { Optimizer = new AdamWOptions { LearningRate = 0.1, WeightDecay = 0.2 }, ReconstructionColumn = "R" },
        })
        {
            var text = JsonSerializer.Serialize(options, OptionsJson.Settings);
            Assert.Equal(options with { Progress = null, Cancellation = default },
                JsonSerializer.Deserialize<SparseAutoencoderOptions>(text, OptionsJson.Settings));
            Assert.DoesNotContain("progress", text, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("steps", text, StringComparison.OrdinalIgnoreCase);
        }
        Assert.Contains("\"architecture\": \"topk\"", JsonSerializer.Serialize<SparseAutoencoderOptions>(TopK, OptionsJson.Settings), StringComparison.Ordinal);
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<SparseAutoencoderOptions>(
            """{"architecture": "topk", "latents": 4, "seed": 1, "k": 2, "coeficient": 1}""", OptionsJson.Settings));
    }

    // What Fit throws before it reads a row.
    static IReadOnlyList<string> Problems(SparseAutoencoderOptions options)
    {
        var unread = new UnreadView(Recorded.View([[1, 2]]).Schema);
        var error = Assert.Throws<OptionsException>(() => options.Train(unread));
        Assert.StartsWith(options.GetType().Name, error.Message, StringComparison.Ordinal);
        return error.Problems;
    }

    sealed class UnreadView(Microsoft.ML.DataViewSchema schema) : Microsoft.ML.IDataView
    {
        public Microsoft.ML.DataViewSchema Schema => schema;
        public bool CanShuffle => false;
        public long? GetRowCount() => null;
        public Microsoft.ML.DataViewRowCursor GetRowCursor(IEnumerable<Microsoft.ML.DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
            throw new Xunit.Sdk.XunitException("Read before the options were checked.");
        public Microsoft.ML.DataViewRowCursor[] GetRowCursorSet(
            IEnumerable<Microsoft.ML.DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) => [GetRowCursor(columnsNeeded, rand)];
    }
}

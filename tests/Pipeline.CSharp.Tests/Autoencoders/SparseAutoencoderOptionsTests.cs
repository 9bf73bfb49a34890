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
    static readonly AbsTopKOptions AbsTopK = new() { Latents = 4, K = 2, Seed = 1 };
    static readonly BatchTopKOptions BatchTopK = new() { Latents = 4, K = 2.5, Seed = 1 };
    static readonly MatryoshkaOptions Matryoshka = new() { Latents = 4, K = 2.5, Widths = [1, 2, 4], Seed = 1 };
    static readonly MatchingPursuitOptions MatchingPursuit = new() { Latents = 4, Iterations = 2, Seed = 1 };
    static readonly PAnnealingOptions PAnnealing = new() { Latents = 4, Seed = 1 };
    static readonly GatedOptions Gated = new() { Latents = 4, Seed = 1 };
    static readonly JumpReluOptions JumpRelu = new() { Latents = 4, Seed = 1 };
    static readonly TranscoderOptions Transcoder = new() { Latents = 4, K = 2, TargetColumn = "Target", Seed = 1 };

    static readonly SparseAutoencoderOptions[] All =
        [TopK, AbsTopK, BatchTopK, Matryoshka, MatchingPursuit, L1, PAnnealing, Gated, JumpRelu, Transcoder];

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
        { L1 with { TargetL0 = 0 }, "TargetL0 is 0; it must be above 0 and at most Latents = 4" },
        { L1 with { TargetL0 = 4.1 }, "TargetL0 is 4.1" },
        { L1 with { TargetL0 = double.NaN }, "TargetL0 is NaN" },
        { L1 with { Biases = (Biases)9 }, "Biases is 9; it must be one of Both, Decoder, None" },
        { TopK with { GradientClip = 0 }, "GradientClip is 0; it must be above 0" },
        { TopK with { DecoderNorm = (DecoderNorm)9 }, "DecoderNorm is 9" },
        { TopK with { InitialDecoderNorm = 0 }, "InitialDecoderNorm is 0" },
        { TopK with { Engine = (SparseAutoencoderEngine)9 }, "Engine is 9" },
        { TopK with { EncoderPrecision = (EncoderPrecision)9 }, "EncoderPrecision is 9; it must be one of Single, BFloat16" },
        { TopK with { EncoderPrecision = EncoderPrecision.BFloat16, Engine = SparseAutoencoderEngine.Autograd }, "EncoderPrecision is BFloat16, which the sparse engine alone has" },
        { MatchingPursuit with { EncoderPrecision = EncoderPrecision.BFloat16 }, "EncoderPrecision is BFloat16, which the sparse engine alone has" },
        { AbsTopK with { K = 0 }, "K is 0; it must be from 1 to Latents = 4" },
        { AbsTopK with { K = 5 }, "K is 5; it must be from 1 to Latents = 4" },
        { BatchTopK with { K = 0 }, "K is 0; it must be above 0 and at most Latents = 4" },
        { BatchTopK with { K = 4.5 }, "K is 4.5" },
        { BatchTopK with { K = double.NaN }, "K is NaN" },
        { Matryoshka with { K = 5 }, "K is 5" },
        { Matryoshka with { Widths = [] }, "Widths are" },
        { Matryoshka with { Widths = [1, 3] }, "Widths are 1, 3; they must ascend from at least 1 and end at Latents = 4" },
        { Matryoshka with { Widths = [0, 4] }, "Widths are 0, 4" },
        { Matryoshka with { Widths = [2, 2, 4] }, "Widths are 2, 2, 4" },
        { Matryoshka with { Widths = [3, 1, 4] }, "Widths are 3, 1, 4" },
        { MatchingPursuit with { Iterations = 0 }, "Iterations is 0; it must be at least 1" },
        { PAnnealing with { FinalPower = 0 }, "FinalPower is 0" },
        { PAnnealing with { FinalPower = 1.1 }, "FinalPower is 1.1" },
        { PAnnealing with { AnnealFrom = 1 }, "AnnealFrom is 1" },
        { PAnnealing with { AnnealFrom = -0.1 }, "AnnealFrom is -0.1" },
        { PAnnealing with { Updates = 0 }, "Updates is 0" },
        { Gated with { Coefficient = 0 }, "Coefficient is 0" },
        { JumpRelu with { Penalty = (JumpReluPenalty)9 }, "Penalty is 9; it must be one of Step, Tanh, Quadratic" },
        { JumpRelu with { Penalty = JumpReluPenalty.Quadratic }, "TargetL0 is null; the quadratic penalty needs it" },
        { JumpRelu with { InitialThreshold = -0.1 }, "InitialThreshold is -0.1" },
        { JumpRelu with { Bandwidth = 0 }, "Bandwidth is 0" },
        { JumpRelu with { TanhScale = 0 }, "TanhScale is 0" },
        { JumpRelu with { DeadCoefficient = -1 }, "DeadCoefficient is -1" },
        { Transcoder with { K = 5 }, "K is 5" },
        { Transcoder with { TargetColumn = "" }, "TargetColumn is empty" },
        { Transcoder with { DecoderNorm = DecoderNorm.Unit }, "DecoderNorm is Unit" },
        { Transcoder with { NormalizeActivations = true }, "NormalizeActivations is true" },
    };

    /// <summary>Options for an L0 of 3, and where they have it.</summary>
    public static TheoryData<SparseAutoencoderOptions, SparseAutoencoderOptions> ForL0 => new()
    {
        { TopK, TopK with { K = 3 } },
        { AbsTopK, AbsTopK with { K = 3 } },
        { BatchTopK, BatchTopK with { K = 3 } },
        { Matryoshka, Matryoshka with { K = 3 } },
        { MatchingPursuit, MatchingPursuit with { Iterations = 3 } },
        { L1, L1 with { TargetL0 = 3 } },
        { PAnnealing, PAnnealing with { TargetL0 = 3 } },
        { Gated, Gated with { TargetL0 = 3 } },
        { JumpRelu, JumpRelu with { TargetL0 = 3 } },
        { Transcoder, Transcoder with { K = 3 } },
    };

    [Theory]
    [MemberData(nameof(ForL0))]
    public void An_L0_is_asked_of_k_or_of_the_price(SparseAutoencoderOptions options, SparseAutoencoderOptions expected)
    {
        Assert.Equal(expected, options.ForL0(3));
        Assert.Empty(options.ForL0(3).Problems());
        Assert.NotEmpty(options.ForL0(0).Problems());
        Assert.NotEmpty(options.ForL0(-1).Problems());
        if (options is not MatchingPursuitOptions) Assert.NotEmpty(options.ForL0(5).Problems());   // which may take a latent again
    }

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
        Assert.All(All, options => Assert.Empty(options.Problems()));
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

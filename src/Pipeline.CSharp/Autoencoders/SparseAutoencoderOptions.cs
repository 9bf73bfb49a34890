using System.Text.Json.Serialization;
using Superposition.Training;

namespace Superposition.Autoencoders;

/// <summary>What every sparse autoencoder's training has in common; each architecture derives its own.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "architecture")]
[JsonDerivedType(typeof(TopKOptions), "topk")]
[JsonDerivedType(typeof(AbsTopKOptions), "absTopK")]
[JsonDerivedType(typeof(BatchTopKOptions), "batchTopK")]
[JsonDerivedType(typeof(MatryoshkaOptions), "matryoshka")]
[JsonDerivedType(typeof(MatchingPursuitOptions), "matchingPursuit")]
[JsonDerivedType(typeof(L1Options), "l1")]
[JsonDerivedType(typeof(PAnnealingOptions), "pAnnealing")]
[JsonDerivedType(typeof(GatedOptions), "gated")]
[JsonDerivedType(typeof(JumpReluOptions), "jumpRelu")]
[JsonDerivedType(typeof(TranscoderOptions), "transcoder")]
public abstract record SparseAutoencoderOptions
{
    /// <summary>m, the number of latents; at least 1. Papers write F or d_sae.</summary>
    public required int Latents { get; init; }

    /// <summary>Everything random follows from it: initial directions and the order of rows.</summary>
    public required long Seed { get; init; }

    /// <summary>Rows trained on in all, the same row counted each time it comes round; at least 1. Default 1,000,000.</summary>
    public long Samples { get; init; } = 1_000_000;

    /// <summary>B, rows a step; at least 1. Default 1,024.</summary>
    public int BatchSize { get; init; } = 1024;

    /// <summary>The optimiser; learning rate 3e-4 by default, as in SAELens.</summary>
    public OptimizerOptions Optimizer { get; init; } = new AdamWOptions { LearningRate = 3e-4 };

    /// <summary>The largest norm of all gradients together, which are scaled down to it; above 0, or null (default) for none. SAELens has 1.</summary>
    public double? GradientClip { get; init; }

    /// <summary>Whether decoder rows stay on the unit sphere or their norms enter the loss.</summary>
    public DecoderNorm DecoderNorm { get; init; } = DecoderNorm.Free;

    /// <summary>The norm free decoder rows begin with; above 0. Default 0.1, as in SAELens.</summary>
    public double InitialDecoderNorm { get; init; } = 0.1;

    /// <summary>Where b_dec begins: at the data's mean (default; Gao et al. 2024, A.1), or at 0 as in SAELens.</summary>
    public bool StartAtDataMean { get; init; } = true;

    /// <summary>
    /// Whether training sees activations scaled to mean norm √d; the factor is folded into the weights at the end, which changes no
    /// output. False by default (SAELens expected_average_only_in).
    /// </summary>
    public bool NormalizeActivations { get; init; }

    /// <summary>A latent is dead when it has not fired for so many samples; at least 1. Default 100,000 (10,000,000 tokens in Gao et al. 2024).</summary>
    public long DeadAfter { get; init; } = 100_000;

    /// <summary>Steps between two points of the history; at least 1. Default 100.</summary>
    public int HistoryEvery { get; init; } = 100;

    /// <summary>Which engine trains: the sparse one where the architecture has it (default), or libtorch's autograd.</summary>
    public SparseAutoencoderEngine Engine { get; init; }

    /// <summary>What the encoder's product is taken in: float32 (default), or bfloat16, which the sparse engine alone has.</summary>
    public EncoderPrecision EncoderPrecision { get; init; }

    /// <summary>Column of the reconstruction x̂ [d]; null (default) for none.</summary>
    public string? ReconstructionColumn { get; init; }

    /// <summary>Told where the training stands, at most ten times a second.</summary>
    [JsonIgnore] public IProgress<TrainingProgress>? Progress { get; init; }

    /// <summary>Stops the training at the next step.</summary>
    [JsonIgnore] public CancellationToken Cancellation { get; init; }

    /// <summary>Steps that <see cref="Samples"/> make, the last batch filled up.</summary>
    [JsonIgnore] public long Steps => (Samples + BatchSize - 1) / Math.Max(1, BatchSize);

    /// <summary>These options with a listener and a token, for languages that cannot copy records.</summary>
    public SparseAutoencoderOptions Watched(IProgress<TrainingProgress>? progress, CancellationToken cancellation) =>
        this with { Progress = progress, Cancellation = cancellation };

    /// <summary>
    /// These options made to reach an L0, the mean number of latents active a sample: k where the architecture has one, the price of
    /// activity steered towards it where it has not.
    /// </summary>
    public abstract SparseAutoencoderOptions ForL0(double target);

    internal abstract Architecture Architecture { get; }

    /// <summary>The sparse step that is trained with, or null for autograd.</summary>
    internal SparseKernel? KernelOf(Architecture architecture) => Engine == SparseAutoencoderEngine.Auto ? architecture.Kernel : null;

    /// <summary>The column that is reconstructed where it is not the input.</summary>
    internal virtual string? Target => null;

    internal virtual IEnumerable<string> Problems()
    {
        if (Latents < 1) yield return $"Latents is {Latents}; it must be at least 1.";
        if (Samples < 1) yield return $"Samples is {Samples}; it must be at least 1.";
        if (BatchSize < 1) yield return $"BatchSize is {BatchSize}; it must be at least 1.";
        if (GradientClip is { } clip && !(clip > 0 && double.IsFinite(clip))) yield return $"GradientClip is {clip}; it must be above 0, or null for none.";
        if (!Enum.IsDefined(DecoderNorm)) yield return $"DecoderNorm is {DecoderNorm}; it must be one of {string.Join(", ", Enum.GetNames<DecoderNorm>())}.";
        if (!(InitialDecoderNorm > 0 && double.IsFinite(InitialDecoderNorm))) yield return $"InitialDecoderNorm is {InitialDecoderNorm}; it must be above 0.";
        if (DeadAfter < 1) yield return $"DeadAfter is {DeadAfter}; it must be at least 1.";
        if (HistoryEvery < 1) yield return $"HistoryEvery is {HistoryEvery}; it must be at least 1.";
        if (!Enum.IsDefined(Engine)) yield return $"Engine is {Engine}; it must be one of {string.Join(", ", Enum.GetNames<SparseAutoencoderEngine>())}.";
        if (!Enum.IsDefined(EncoderPrecision)) yield return $"EncoderPrecision is {EncoderPrecision}; it must be one of {string.Join(", ", Enum.GetNames<EncoderPrecision>())}.";
        if (EncoderPrecision == EncoderPrecision.BFloat16 && KernelOf(Architecture) is null)
            yield return "EncoderPrecision is BFloat16, which the sparse engine alone has; it must be Single where Engine is Autograd or the architecture has no sparse form.";
        if (ReconstructionColumn is "") yield return "ReconstructionColumn is empty; name a column or leave it out.";
        foreach (var problem in Optimizer.Problems()) yield return problem;
    }

    private protected IEnumerable<string> TargetProblems(string name, double? target)
    {
        if (target is { } l0 && !(l0 > 0 && l0 <= Latents)) yield return $"{name} is {l0}; it must be above 0 and at most Latents = {Latents}.";
    }
}

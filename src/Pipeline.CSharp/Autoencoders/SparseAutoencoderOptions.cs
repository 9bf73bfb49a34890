using System.Text.Json.Serialization;
using Superposition.Training;

namespace Superposition.Autoencoders;

/// <summary>What every sparse autoencoder's training has in common; each architecture derives its own.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "architecture")]
[JsonDerivedType(typeof(TopKOptions), "topk")]
[JsonDerivedType(typeof(L1Options), "l1")]
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

    /// <summary>A latent is dead when it has not fired for so many samples; at least 1. Default 100,000 (10,000,000 tokens in Gao et al. 2024).</summary>
    public long DeadAfter { get; init; } = 100_000;

    /// <summary>Steps between two points of the history; at least 1. Default 100.</summary>
    public int HistoryEvery { get; init; } = 100;

    /// <summary>Column of the reconstruction x̂ [d]; null (default) for none.</summary>
    public string? ReconstructionColumn { get; init; }

    /// <summary>Told where the training stands, at most ten times a second.</summary>
    [JsonIgnore] public IProgress<TrainingProgress>? Progress { get; init; }

    /// <summary>Stops the training at the next step.</summary>
    [JsonIgnore] public CancellationToken Cancellation { get; init; }

    /// <summary>Steps that <see cref="Samples"/> make, the last batch filled up.</summary>
    [JsonIgnore] public long Steps => (Samples + BatchSize - 1) / Math.Max(1, BatchSize);

    internal abstract Architecture Architecture { get; }

    internal virtual IEnumerable<string> Problems()
    {
        if (Latents < 1) yield return $"Latents is {Latents}; it must be at least 1.";
        if (Samples < 1) yield return $"Samples is {Samples}; it must be at least 1.";
        if (BatchSize < 1) yield return $"BatchSize is {BatchSize}; it must be at least 1.";
        if (DeadAfter < 1) yield return $"DeadAfter is {DeadAfter}; it must be at least 1.";
        if (HistoryEvery < 1) yield return $"HistoryEvery is {HistoryEvery}; it must be at least 1.";
        if (ReconstructionColumn is "") yield return "ReconstructionColumn is empty; name a column or leave it out.";
        foreach (var problem in Optimizer.Problems()) yield return problem;
    }
}

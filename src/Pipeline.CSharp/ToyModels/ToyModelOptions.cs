using System.Text.Json.Serialization;
using Superposition.Features;
using Superposition.Training;

namespace Superposition.ToyModels;

/// <summary>How a toy model is trained. Defaults are those of the paper's notebook, except weight decay (0 here, 0.01 there).</summary>
public sealed record ToyModelOptions
{
    /// <summary>d, the dimensions the features are squeezed through; at least 1. Papers write m.</summary>
    public required int Dimensions { get; init; }

    /// <summary>K, how many instances are trained at once; the transformer serves the best.</summary>
    public int Instances { get; init; } = 1;

    /// <summary>Everything random follows from it and the instance: initial weights of instance j, and its rows (stream j of a world).</summary>
    public required long Seed { get; init; }

    /// <summary>I_i ≥ 0, the weight of feature i's squared error; 1 by default.</summary>
    public PerFeature Importance { get; init; } = 1;

    /// <summary>Optimiser steps; at least 1. Default 10,000.</summary>
    public int Steps { get; init; } = 10_000;

    /// <summary>B, rows a step and instance; at least 1. Default 1,024.</summary>
    public int BatchSize { get; init; } = 1024;

    /// <summary>The optimiser and its hyper-parameters; learning rate 1e-3 by default.</summary>
    public AdamWOptions Optimizer { get; init; } = new();

    /// <summary>Steps between two points of the history (loss and ‖W_i‖); at least 1. Default 100.</summary>
    public int HistoryEvery { get; init; } = 100;

    /// <summary>The instance served, from 0; null (default) for the one with the lowest evaluation loss.</summary>
    public int? Serve { get; init; }

    /// <summary>What computes the gradients; the results agree within rounding. Default automatic.</summary>
    public ToyModelEngine Engine { get; init; } = ToyModelEngine.Automatic;

    /// <summary>Told where the training stands, at most ten times a second.</summary>
    [JsonIgnore] public IProgress<TrainingProgress>? Progress { get; init; }

    /// <summary>Stops the training at the next step.</summary>
    [JsonIgnore] public CancellationToken Cancellation { get; init; }

    internal IEnumerable<string> Problems(int features)
    {
        if (Dimensions < 1) yield return $"Dimensions is {Dimensions}; it must be at least 1.";
        if (Instances < 1) yield return $"Instances is {Instances}; it must be at least 1.";
        if (Steps < 1) yield return $"Steps is {Steps}; it must be at least 1.";
        if (BatchSize < 1) yield return $"BatchSize is {BatchSize}; it must be at least 1.";
        if (HistoryEvery < 1) yield return $"HistoryEvery is {HistoryEvery}; it must be at least 1.";
        if (Serve is { } serve && (serve < 0 || serve >= Instances)) yield return $"Serve is {serve}; instances run from 0 to {Instances - 1}.";
        foreach (var problem in Importance.Problems(nameof(Importance), features, 0, double.MaxValue)) yield return problem;
        foreach (var problem in Optimizer.Problems()) yield return problem;
    }
}

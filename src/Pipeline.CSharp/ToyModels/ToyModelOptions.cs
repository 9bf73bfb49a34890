using System.Text.Json.Serialization;
using Superposition.Features;
using Superposition.Training;

namespace Superposition.ToyModels;

/// <summary>What a toy model is and how it is trained. Defaults are those of the paper's notebook, except weight decay (0 here, 0.01 there).</summary>
public sealed record ToyModelOptions
{
    /// <summary>d, the dimensions the features are squeezed through, or the neurons of a hidden layer; at least 1. Papers write m.</summary>
    public required int Dimensions { get; init; }

    /// <summary>What the model computes; the ReLU output model by default.</summary>
    public ToyArchitecture Architecture { get; init; } = ToyArchitecture.ReluOutput;

    /// <summary>What it is asked for; the features themselves by default.</summary>
    public Target Target { get; init; } = new();

    /// <summary>How outputs are held to targets; squared error by default.</summary>
    public Objective Objective { get; init; } = Objective.SquaredError;

    /// <summary>λ of λ‖h‖₁ on the last hidden layer's activations, batch mean, added to what is minimised; at least 0. Default 0.</summary>
    public double HiddenPenalty { get; init; }

    /// <summary>The share of hidden activations set to 0 at each step, the others scaled up to keep the mean; in [0, 1). Default 0.</summary>
    public double Dropout { get; init; }

    /// <summary>K, how many instances are trained at once; the transformer serves the best.</summary>
    public int Instances { get; init; } = 1;

    /// <summary>The number of the first instance: a training of K from j on gives what instances j … j + K − 1 of a longer one get. Default 0.</summary>
    public int FirstInstance { get; init; }

    /// <summary>Models to go on from: instance j starts as number j, counted round; empty (default) for random weights. No recipe holds them.</summary>
    [JsonIgnore] public IReadOnlyList<ToyModel> Initial { get; init; } = [];

    /// <summary>Everything random follows from it and the instance: initial weights of instance j, and its rows (stream j of a world).</summary>
    public required long Seed { get; init; }

    /// <summary>I_i ≥ 0, the weight of output i's error; 1 by default.</summary>
    public PerFeature Importance { get; init; } = 1;

    /// <summary>Optimiser steps; at least 1. Default 10,000.</summary>
    public int Steps { get; init; } = 10_000;

    /// <summary>B, rows a step and instance; at least 1. Default 1,024.</summary>
    public int BatchSize { get; init; } = 1024;

    /// <summary>The optimiser and its hyper-parameters; AdamW without decay at learning rate 1e-3 by default.</summary>
    public OptimizerOptions Optimizer { get; init; } = new AdamWOptions();

    /// <summary>Steps between two points of the history (loss and ‖W_i‖); at least 1. Default 100.</summary>
    public int HistoryEvery { get; init; } = 100;

    /// <summary>Steps between two snapshots of W in the history; 0 (default) for none.</summary>
    public int SnapshotEvery { get; init; }

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
        if (FirstInstance < 0) yield return $"FirstInstance is {FirstInstance}; it must be at least 0.";
        if (Steps < 1) yield return $"Steps is {Steps}; it must be at least 1.";
        if (BatchSize < 1) yield return $"BatchSize is {BatchSize}; it must be at least 1.";
        if (HistoryEvery < 1) yield return $"HistoryEvery is {HistoryEvery}; it must be at least 1.";
        if (SnapshotEvery < 0) yield return $"SnapshotEvery is {SnapshotEvery}; it must be at least 0.";
        if (!(HiddenPenalty >= 0 && double.IsFinite(HiddenPenalty))) yield return $"HiddenPenalty is {HiddenPenalty}; it must be at least 0.";
        if (!(Dropout is >= 0 and < 1)) yield return $"Dropout is {Dropout}; it must be in [0, 1).";
        if (Serve is { } serve && (serve < 0 || serve >= Instances)) yield return $"Serve is {serve}; instances run from 0 to {Instances - 1}.";
        foreach (var problem in Architecture.Problems()) yield return problem;
        var targetProblems = Target.Problems(features).ToArray();
        foreach (var problem in targetProblems.Length > 0 ? targetProblems : OutputProblems(features)) yield return problem;
        foreach (var problem in InitialProblems(features)) yield return problem;
        foreach (var problem in Optimizer.Problems()) yield return problem;
    }

    IEnumerable<string> InitialProblems(int features)
    {
        for (var j = 0; j < Initial.Count; j++)
        {
            var (model, outputs) = (Initial[j], Target.Outputs(features));
            if (model.Architecture != Architecture) yield return $"Initial {j} has the architecture {model.Architecture}; the options ask for {Architecture}.";
            else if ((model.Features, model.Dimensions, model.Outputs) != (features, Dimensions, outputs))
                yield return $"Initial {j} has {model.Features} features, {model.Dimensions} dimensions and {model.Outputs} outputs; "
                    + $"it must have {features}, {Dimensions} and {outputs}.";
        }
    }

    IEnumerable<string> OutputProblems(int features)
    {
        if (Architecture.Tied && Target.Outputs(features) != features)
            yield return $"A tied model has an output a feature, {features}; the target has {Target.Outputs(features)}. Set Tied to false.";
        if (Objective == Objective.CrossEntropy && Architecture.Output != Activation.Identity)
            yield return $"Cross-entropy takes logits; Output is {Architecture.Output}, it must be Identity.";
        foreach (var problem in Importance.Problems(nameof(Importance), Target.Outputs(features), 0, double.MaxValue)) yield return problem;
    }
}

using Microsoft.ML;
using Superposition.Models;
using Superposition.Training;

namespace Superposition.Activations;

/// <summary>What a language model has at one point as it reads what it wrote itself.</summary>
public sealed record ModelActivationOptions
{
    /// <summary>Folder of the model.</summary>
    public required string Model { get; init; }

    /// <summary>Where, such as blocks.2.hook_resid_post.</summary>
    public required string Hook { get; init; }

    /// <summary>Tokens of the text, a row each; at least 1. Default 500,000.</summary>
    public int Tokens { get; init; } = 500_000;

    /// <summary>T, tokens the model reads together; at most its context. Default 256.</summary>
    public int Window { get; init; } = 256;

    /// <summary>Of the sampling: logits are divided by it. Default 0.8.</summary>
    public double Temperature { get; init; } = 0.8;

    /// <summary>Everything random about the text follows from it.</summary>
    public required long Seed { get; init; }

    internal IEnumerable<string> Problems()
    {
        if (Tokens < 1) yield return $"Tokens is {Tokens}; it must be at least 1.";
        if (Window < 1) yield return $"Window is {Window}; it must be at least 1.";
        if (!(Temperature >= 0 && double.IsFinite(Temperature))) yield return $"Temperature is {Temperature}; it must be a finite number, at least 0.";
    }

    internal IDataView Open(MLContext context, IProgress<TrainingProgress>? progress, CancellationToken cancellation)
    {
        var model = LanguageModel.Load(Model);
        HookPoints.Check(model.Config, Hook);   // before the text is drawn
        return context.Data.ModelActivations(model, TokenText.Sampled(model, Tokens, Window, Seed, Temperature, progress, cancellation), Hook);
    }
}

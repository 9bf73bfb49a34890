namespace Superposition.Storage;

/// <summary>What a run made; in run.json in lower case.</summary>
public enum RunKind
{
    /// <summary>A toy model of superposition.</summary>
    Toy,

    /// <summary>A sparse autoencoder.</summary>
    Sae,

    /// <summary>An experiment: a recipe, measurements, claims.</summary>
    Experiment,
}

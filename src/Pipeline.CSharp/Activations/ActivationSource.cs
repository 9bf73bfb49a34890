using Microsoft.ML;
using Superposition.ToyModels;

namespace Superposition.Activations;

/// <summary>Where an autoencoder's activations come from: a toy-model run, an .npy file, a language model, or a synthetic world. Paths are as given.</summary>
public sealed record ActivationSource
{
    /// <summary>A run folder of <c>superposition toy</c>: the activations of its best instance on its own world.</summary>
    public string? Toy { get; init; }

    /// <summary>An .npy file [rows, d].</summary>
    public string? Npy { get; init; }

    /// <summary>One name a row of <see cref="Npy"/>, a line each.</summary>
    public string? Words { get; init; }

    /// <summary>A language model reading what it wrote.</summary>
    public ModelActivationOptions? Model { get; init; }

    /// <summary>A world whose features are known.</summary>
    public SyntheticActivationOptions? Synthetic { get; init; }

    /// <summary>A view with a column <c>Activations</c> [d].</summary>
    /// <exception cref="OptionsException">Not exactly one source is named.</exception>
    /// <exception cref="Storage.StorageException">What is named cannot be read.</exception>
    public IDataView Open(MLContext context)
    {
        OptionsException.ThrowIfAny(nameof(ActivationSource), Problems());
        if (Npy is not null) return context.Data.LoadActivations(Npy, Words);
        if (Model is not null) return Model.Open(context);
        if (Synthetic is not null) return context.Data.SyntheticActivations(Synthetic);
        var run = ToyModelRun.Read(Toy!);
        return run.Best.ToTransformer("Activations", "Features").Transform(context.Data.SparseFeatures(run.Recipe.World));
    }

    IEnumerable<string> Problems()
    {
        if (new object?[] { Toy, Npy, Model, Synthetic }.Count(source => source is not null) != 1)
            yield return "Name one of a toy-model run (toy), an .npy file (npy), a language model (model) and a synthetic world (synthetic).";
        if (Words is not null && Npy is null) yield return "Words go with an .npy file.";
        foreach (var problem in Model?.Problems() ?? []) yield return problem;
        foreach (var problem in Synthetic?.Problems() ?? []) yield return problem;
    }
}

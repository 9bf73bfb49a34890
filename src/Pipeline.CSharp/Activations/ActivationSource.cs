using Microsoft.ML;
using Superposition.ToyModels;

namespace Superposition.Activations;

/// <summary>Where an autoencoder's activations come from: a toy-model run, or an .npy file. Paths are as given.</summary>
public sealed record ActivationSource
{
    /// <summary>A run folder of <c>superposition toy</c>: the activations of its best instance on its own world.</summary>
    public string? Toy { get; init; }

    /// <summary>An .npy file [rows, d].</summary>
    public string? Npy { get; init; }

    /// <summary>One name a row of <see cref="Npy"/>, a line each.</summary>
    public string? Words { get; init; }

    /// <summary>A view with a column <c>Activations</c> [d].</summary>
    /// <exception cref="OptionsException">Not exactly one source is named.</exception>
    /// <exception cref="Storage.StorageException">What is named cannot be read.</exception>
    public IDataView Open(MLContext context)
    {
        OptionsException.ThrowIfAny(nameof(ActivationSource), Problems());
        if (Npy is not null) return context.Data.LoadActivations(Npy, Words);
        var run = ToyModelRun.Read(Toy!);
        return run.Best.ToTransformer("Activations", "Features").Transform(context.Data.SparseFeatures(run.Recipe.World));
    }

    IEnumerable<string> Problems()
    {
        if (Toy is null == Npy is null) yield return "Name either a toy-model run (toy) or an .npy file (npy).";
        if (Words is not null && Npy is null) yield return "Words go with an .npy file.";
    }
}

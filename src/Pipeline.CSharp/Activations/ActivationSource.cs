using System.Text.Json.Serialization;
using Microsoft.ML;
using Superposition.ToyModels;
using Superposition.Training;

namespace Superposition.Activations;

/// <summary>Where an autoencoder's activations come from: a toy-model run, recorded files, a language model, or a synthetic world. Paths are as given.</summary>
public sealed record ActivationSource
{
    /// <summary>A run folder of <c>superposition toy</c>: the activations of its best instance on its own world.</summary>
    public string? Toy { get; init; }

    /// <summary>Recorded activations: an .npy file [rows, d], a safetensors file with such a tensor, or a folder of either, its files by name.</summary>
    public string? Npy { get; init; }

    /// <summary>Which tensor, where a safetensors file has several matrices.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]   // what was recorded before there were tensors reads as it did
    public string? Tensor { get; init; }

    /// <summary>One name a row of <see cref="Npy"/>, a line each.</summary>
    public string? Words { get; init; }

    /// <summary>A language model reading what it wrote.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ModelActivationOptions? Model { get; init; }

    /// <summary>A world whose features are known.</summary>
    public SyntheticActivationOptions? Synthetic { get; init; }

    /// <summary>A model that runs on the source's rows: then one of its tensors is the activations, not the rows themselves.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public OnnxActivationOptions? Onnx { get; init; }

    /// <summary>A view with a column <c>Activations</c> [d].</summary>
    /// <param name="context">Makes the view.</param>
    /// <param name="progress">Told how far a source is that must be made first: a language model's text.</param>
    /// <param name="cancellation">Stops that.</param>
    /// <exception cref="OptionsException">Not exactly one source is named.</exception>
    /// <exception cref="Storage.StorageException">What is named cannot be read.</exception>
    public IDataView Open(MLContext context, IProgress<TrainingProgress>? progress = null, CancellationToken cancellation = default)
    {
        OptionsException.ThrowIfAny(nameof(ActivationSource), Problems());
        var source = Source(context, progress, cancellation);
        return Onnx is null ? source : context.Data.OnnxActivations(source, Onnx);
    }

    IDataView Source(MLContext context, IProgress<TrainingProgress>? progress, CancellationToken cancellation)
    {
        if (Model is not null) return Model.Open(context, progress, cancellation);
        if (Npy is not null) return context.Data.LoadActivations(Npy, Words, new() { Tensor = Tensor });
        if (Synthetic is not null) return context.Data.SyntheticActivations(Synthetic);
        var run = ToyModelRun.Read(Toy!);
        return run.Best.ToTransformer("Activations", "Features").Transform(context.Data.SparseFeatures(run.Recipe.World));
    }

    /// <summary>Paths of what it reads.</summary>
    internal IEnumerable<string> Files => new[] { Toy, Npy, Words, Model?.Model, Onnx?.Model }.OfType<string>();

    internal IEnumerable<string> Problems()
    {
        if (new object?[] { Toy, Npy, Model, Synthetic }.Count(source => source is not null) != 1)
            yield return "Name one of a toy-model run (toy), recorded activations (npy), a language model (model) and a synthetic world (synthetic).";
        if (Words is not null && Npy is null) yield return "Words go with recorded activations (npy).";
        if (Tensor is not null && Npy is null) yield return "A tensor goes with recorded activations (npy).";
        foreach (var problem in Model?.Problems() ?? []) yield return problem;
        foreach (var problem in Synthetic?.Problems() ?? []) yield return problem;
        foreach (var problem in Onnx?.Problems() ?? []) yield return problem;
    }
}

using Microsoft.ML;
using Superposition.Activations;
using Superposition.Autoencoders;
using Superposition.DataViews;
using Superposition.Features;
using Superposition.Models;
using Superposition.ToyModels;

namespace Superposition;

/// <summary>Where the stages are found: on <c>mlContext.Data</c> and <c>mlContext.Transforms</c>, as ML.NET's own are.</summary>
public static class SuperpositionCatalog
{
    /// <summary>A world of sparse features as a view: sparse column <c>Features</c> [n] and <c>Row</c>, drawn when read.</summary>
    /// <exception cref="OptionsException">The options cannot be used; every problem is named.</exception>
    public static SparseFeatureView SparseFeatures(this DataOperationsCatalog catalog, SparseFeatureOptions options) => new(options);

    /// <summary>
    /// Activations whose features are known, as a view: sparse <c>Features</c> [n], <c>Activations</c> [d] and <c>Row</c>, drawn when read.
    /// </summary>
    /// <exception cref="OptionsException">The options cannot be used; every problem is named.</exception>
    public static SyntheticActivations SyntheticActivations(this DataOperationsCatalog catalog, SyntheticActivationOptions options) =>
        new(options);

    /// <summary>
    /// Recorded activations as a view: <c>Activations</c> [d], and <c>Word</c> from a file of one word a line. The path is an .npy file
    /// [rows, d], a safetensors file with such a tensor, or a folder whose files of these kinds follow one another by name. They are
    /// memory-mapped, so they may be larger than memory, and shuffled through a bounded buffer; the view keeps them open.
    /// </summary>
    /// <exception cref="Storage.StorageException">A file breaks a rule of its format, or lacks the tensor asked for.</exception>
    /// <exception cref="InputDataException">An array is not [rows, d], shards differ in d, or the words are not as many as the rows.</exception>
    /// <exception cref="OptionsException">The options cannot be used.</exception>
    public static ActivationView LoadActivations(
        this DataOperationsCatalog catalog, string path, string? wordsPath = null, RecordedActivationOptions? options = null) =>
        ActivationView.Load(path, wordsPath, options ?? new());

    /// <summary>
    /// A tensor of an ONNX model as a view: the input's columns, and <c>Activations</c> [d] of the model run on some of them by OnnxRuntime.
    /// Any tensor that a node computes can be had, whether or not it is an output; [B, T, d] gives T rows for each of the input's.
    /// </summary>
    /// <exception cref="OnnxModelException">The file is no model that runs, has no such tensor or input, or a column does not fit it.</exception>
    /// <exception cref="InputDataException">The input has no column for an input of the model.</exception>
    /// <exception cref="OptionsException">The options cannot be used.</exception>
    public static OnnxActivationView OnnxActivations(this DataOperationsCatalog catalog, IDataView input, OnnxActivationOptions options) =>
        new(input, options);

    /// <summary>What a language model has at a hook point as it reads a text, as a view: <c>Token</c>, <c>Position</c> and <c>Activations</c> [d], computed as they are read.</summary>
    /// <exception cref="HookException">There is no such point, or it is of pairs of tokens.</exception>
    /// <exception cref="ArgumentException">The windows are longer than the model's context.</exception>
    public static ModelActivations ModelActivations(this DataOperationsCatalog catalog, LanguageModel model, TokenText text, string hook) =>
        new(model, text, hook);

    /// <summary>Toy models trained on a column of features [n]; adds activations [d] and <c>Reconstruction</c> [n].</summary>
    /// <exception cref="OptionsException">The input and the outputs do not all have names of their own.</exception>
    public static ToyModelEstimator ToyModel(
        this TransformsCatalog catalog, string outputColumnName, string inputColumnName, ToyModelOptions options) =>
        new(catalog.Environment(), outputColumnName, inputColumnName, options);

    /// <summary>A sparse autoencoder trained on a column of activations [d]; adds sparse latents [m], and x̂ [d] where the options name a column.</summary>
    public static SparseAutoencoderEstimator SparseAutoencoder(
        this TransformsCatalog catalog, string outputColumnName, string inputColumnName, SparseAutoencoderOptions options) =>
        new(catalog.Environment(), outputColumnName, inputColumnName, options);
}

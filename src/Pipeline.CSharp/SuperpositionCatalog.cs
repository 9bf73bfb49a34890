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

    /// <summary>Activations from an .npy file [rows, d] as a view: <c>Activations</c> [d], and <c>Word</c> from a file of one word a line.</summary>
    /// <exception cref="Storage.NpyException">The file breaks a rule of its format.</exception>
    /// <exception cref="InputDataException">The array is not [rows, d], or the words are not as many as the rows.</exception>
    public static ActivationView LoadActivations(this DataOperationsCatalog catalog, string path, string? wordsPath = null) =>
        ActivationView.Load(path, wordsPath);

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

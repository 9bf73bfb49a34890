using Microsoft.ML;
using Superposition.DataViews;
using Superposition.Native;
using Superposition.Training;
using static TorchSharp.torch;

namespace Superposition.Autoencoders;

/// <summary>
/// A dictionary that no autoencoder was trained for, served as one: z = activation(W_encᵀ(x − b_dec)), x̂ = W_decᵀz + b_dec, decoder rows
/// of norm 1, b_dec the mean of the data. What an autoencoder finds counts only beyond what these find, by the same measures
/// (Cunningham et al. 2023, "Sparse Autoencoders Find Highly Interpretable Features", §3.2).
/// </summary>
public abstract record DictionaryBaseline
{
    private protected DictionaryBaseline() { }

    /// <summary>m, directions in the dictionary; at least 1.</summary>
    public required int Latents { get; init; }

    /// <summary>k, latents kept a row; from 1 to m.</summary>
    public required int K { get; init; }

    /// <summary>Everything random follows from it: the order of rows where the view can shuffle, and what each method draws.</summary>
    public required long Seed { get; init; }

    /// <summary>
    /// Rows looked at, all of them held in memory (4d bytes each); at least 2. Default 100,000; a view with fewer shows what it has.
    /// </summary>
    public int Samples { get; init; } = 100_000;

    /// <summary>Stops the work at the next pass over the rows.</summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>Finds the dictionary of a column of activations [d].</summary>
    /// <exception cref="OptionsException">The options cannot be used on such data; every problem is named.</exception>
    /// <exception cref="InputDataException">The view's column is missing, of another type, empty, constant, or not finite.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public SparseAutoencoder Fit(IDataView view, string column)
    {
        var (_, d) = SourceColumn.Find(view.Schema, column);
        OptionsException.ThrowIfAny(GetType().Name, Problems(d));
        TorchLibrary.EnsureLoaded();
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var feed = RowFeed.Of(view, column, stream: 0, Seed);
        var rows = new CentredRows(feed, (int)Math.Clamp(view.GetRowCount() ?? Samples, 1, Samples), d, Cancellation);
        if (!(rows.Square > 0))
            throw new InputDataException(InputDataReason.Constant,
                $"Column \"{column}\": expected rows that differ, found the first {rows.Count} all alike. "
                + "There is nothing to learn from them.");
        var (encoder, decoder) = Directions(rows);
        return new(encoder.T.ToMatrix(), new float[Latents], decoder.ToMatrix(), [.. rows.Mean.Select(value => (float)value)], Activation);
    }

    /// <summary>[m, d] each: row j takes latent j out of x − b_dec, and is its direction.</summary>
    internal abstract (Tensor Encoder, Tensor Decoder) Directions(CentredRows rows);

    /// <summary>What selects latents. By default the k largest above 0, as of a TopK autoencoder.</summary>
    internal virtual SparseActivation Activation => new TopKActivation(K);

    /// <summary>What is wrong with them for activations of d dimensions.</summary>
    internal virtual IEnumerable<string> Problems(int dimensions)
    {
        if (Latents < 1) yield return $"Latents is {Latents}; it must be at least 1.";
        if (K < 1 || K > Latents) yield return $"K is {K}; it must be from 1 to Latents = {Latents}.";
        if (Samples < 2) yield return $"Samples is {Samples}; it must be at least 2.";
    }
}

using Superposition.DataViews;
using Superposition.Storage;

namespace Superposition.Autoencoders;

/// <summary>The tensors of a file, taken one by one with the shapes they must have; what is left over has no business there.</summary>
internal sealed class FormatTensors(string where, IReadOnlyDictionary<string, StoredArray> tensors)
{
    readonly HashSet<string> left = new(tensors.Keys, StringComparer.Ordinal);

    /// <summary>Whether there is one of that name.</summary>
    public bool Has(string name) => tensors.ContainsKey(name);

    /// <summary>[rows, columns] of a matrix.</summary>
    public (int Rows, int Columns) Size(string name) =>
        Weights(name).Shape is [>= 1 and <= int.MaxValue and var rows, >= 1 and <= int.MaxValue and var columns]
        ? ((int)rows, (int)columns)
        : throw Disagrees(name, "two axes of at least 1");

    /// <summary>[length]</summary>
    public float[] Vector(string name, int length) => Shaped(name, length).ToSingles();

    /// <summary>[rows, columns]</summary>
    public float[,] Matrix(string name, int rows, int columns) => Rows.Matrix(Shaped(name, rows, columns).ToSingles(), rows);

    /// <summary>[m] θ, whose lack has an error of its own.</summary>
    public float[] Thresholds(int latents, string advice) => Has("threshold")
        ? Vector("threshold", latents)
        : throw new SparseAutoencoderFileException(where, SparseAutoencoderFileReason.ThresholdMissing,
            $"there is no tensor \"threshold\"; there are {ErrorText.List([.. tensors.Keys])}. {advice}");

    /// <summary>Passes over a tensor that is there and all 1.</summary>
    public void PassOverOnes(string name)
    {
        if (Has(name) && tensors[name].ToSingles().All(value => value == 1)) left.Remove(name);
    }

    /// <summary>Finds a tensor that nobody took: the architecture would be another than the one that was read.</summary>
    /// <exception cref="SparseAutoencoderFileException">There is one.</exception>
    public void EnsureNoneLeft(string architecture)
    {
        if (left.Count > 0)
            throw new SparseAutoencoderFileException(where, SparseAutoencoderFileReason.TensorUnexpected,
                $"{ErrorText.List([.. left.Order(StringComparer.Ordinal)])}: no such tensor belongs to the architecture {architecture}. "
                + "Is the architecture another, or the file another's?");
    }

    /// <summary>The autoencoder, if all its weights are numbers.</summary>
    public SparseAutoencoder Finite(SparseAutoencoder autoencoder) => autoencoder.IsFinite()
        ? autoencoder
        : throw new SparseAutoencoderFileException(where, SparseAutoencoderFileReason.NotFinite,
            "a weight is NaN or infinite. The training diverged, or the file is damaged.");

    StoredArray Shaped(string name, params long[] shape)
    {
        var array = Weights(name);
        return array.Shape.SequenceEqual(shape) ? array : throw Disagrees(name, $"shape {ErrorText.Shape(shape)}");
    }

    StoredArray Weights(string name)
    {
        left.Remove(name);
        if (!tensors.TryGetValue(name, out var array))
            throw new SparseAutoencoderFileException(where, SparseAutoencoderFileReason.TensorMissing,
                $"there is no tensor {ErrorText.Quote(name)}; there are {ErrorText.List([.. tensors.Keys])}. Is the architecture another?");
        return array.Type is ElementType.F16 or ElementType.BF16 or ElementType.F32 or ElementType.F64
            ? array
            : throw new SparseAutoencoderFileException(where, SparseAutoencoderFileReason.TensorUnexpected,
                $"tensor {ErrorText.Quote(name)}: expected F16, BF16, F32 or F64, found {array}. Save it as one of these.");
    }

    SparseAutoencoderFileException Disagrees(string name, string expected) => new(where, SparseAutoencoderFileReason.ShapesDisagree,
        $"tensor {ErrorText.Quote(name)}: expected {expected}, found {tensors[name]}. Is it transposed, or another's file?");
}

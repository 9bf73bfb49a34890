using Superposition.DataViews;

namespace Superposition.ToyModels;

/// <summary>
/// A trained toy model, n features through d dimensions; what it computes is said by its <see cref="Architecture"/>. W here is the
/// paper's Wᵀ: h = σ(Wᵀx), y = φ(U h + b), and U = W where it is tied.
/// </summary>
/// <param name="W">[n, d] Row i is the direction by which feature i is read.</param>
/// <param name="B">[outputs] The output bias.</param>
/// <param name="Loss">Mean of the objective over evaluation rows, without penalty and dropout; NaN where it was not evaluated.</param>
public sealed record ToyModel(float[,] W, float[] B, double Loss)
{
    readonly float[,]? decoder;

    /// <summary>What it computes; the ReLU output model by default.</summary>
    public ToyArchitecture Architecture { get; init; } = ToyArchitecture.ReluOutput;

    /// <summary>[outputs, d] U: row i is the direction by which output i is written; W itself where the model is tied.</summary>
    public float[,] Decoder { get => decoder ?? W; init => decoder = value; }

    /// <summary>[L − 1] of [d, d] The M_l between hidden layers, row j what unit j of the layer before writes.</summary>
    public IReadOnlyList<float[,]> Inner { get; init; } = [];

    /// <summary>[L] of [d] The hidden biases; empty where there are none.</summary>
    public IReadOnlyList<float[]> HiddenBiases { get; init; } = [];

    /// <summary>n.</summary>
    public int Features => W.GetLength(0);

    /// <summary>d.</summary>
    public int Dimensions => W.GetLength(1);

    /// <summary>How many outputs there are; n where features are reconstructed.</summary>
    public int Outputs => B.Length;

    /// <summary>Each parameter once, row after row, under its name.</summary>
    internal IEnumerable<(string Name, float[] Values)> Parameters() =>
    [
        ("W", Rows.Flat(W).ToArray()),
        .. Architecture.Tied ? [] : ((string, float[])[])[("decoder", Rows.Flat(Decoder).ToArray())],
        .. Inner.Select((matrix, l) => ($"inner {l}", Rows.Flat(matrix).ToArray())),
        .. HiddenBiases.Select((bias, l) => ($"hidden bias {l}", bias)),
        ("b", B),
    ];

    /// <summary>This model as a stage: features [n] → activations [d] and <c>Reconstruction</c> [outputs].</summary>
    public ToyModelTransformer ToTransformer(string outputColumnName, string inputColumnName) =>
        new(outputColumnName, inputColumnName, [this], ToyModelHistory.Empty(1, Features), served: 0);

    /// <summary>[n] ‖W_i‖.</summary>
    public double[] Norms() => [.. Enumerable.Range(0, Features).Select(i =>
        Math.Sqrt(Enumerable.Range(0, Dimensions).Sum(j => (double)W[i, j] * W[i, j])))];
}

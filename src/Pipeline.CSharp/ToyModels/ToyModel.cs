namespace Superposition.ToyModels;

/// <summary>
/// The ReLU output model x̂ = ReLU(W(Wᵀx) + b): n features through d dimensions and back (Toy Models of Superposition,
/// "Demonstrating Superposition"; W here is the paper's Wᵀ).
/// </summary>
/// <param name="W">[n, d] Row i is the direction of feature i.</param>
/// <param name="B">[n] The output bias.</param>
/// <param name="Loss">Mean over evaluation rows of Σ_i I_i (x_i − x̂_i)²; NaN where it was not evaluated.</param>
public sealed record ToyModel(float[,] W, float[] B, double Loss)
{
    /// <summary>n.</summary>
    public int Features => W.GetLength(0);

    /// <summary>d.</summary>
    public int Dimensions => W.GetLength(1);

    /// <summary>This model as a stage: features [n] → activations Wᵀx [d] and <c>Reconstruction</c> [n].</summary>
    public ToyModelTransformer ToTransformer(string outputColumnName, string inputColumnName) =>
        new(outputColumnName, inputColumnName, [this], ToyModelHistory.Empty(1, Features), served: 0);

    /// <summary>[n] ‖W_i‖.</summary>
    public double[] Norms() => [.. Enumerable.Range(0, Features).Select(i =>
        Math.Sqrt(Enumerable.Range(0, Dimensions).Sum(j => (double)W[i, j] * W[i, j])))];
}

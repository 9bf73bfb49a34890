namespace Superposition.ToyModels;

/// <summary>
/// What a toy model computes: a_1 = Wᵀx + c_1, h_1 = σ(a_1); h_l = σ(M_l h_{l−1} + c_l); y = φ(U h_L + b), where U = W if the model is tied.
/// The paper's models are four of them; the rest vary one thing at a time.
/// </summary>
public sealed record ToyArchitecture
{
    /// <summary>y = W Wᵀx + b (Toy Models of Superposition, "Demonstrating Superposition").</summary>
    public static ToyArchitecture Linear { get; } = new() { Output = Activation.Identity };

    /// <summary>y = ReLU(W Wᵀx + b), the paper's ReLU output model and the default.</summary>
    public static ToyArchitecture ReluOutput { get; } = new();

    /// <summary>y = ReLU(W ReLU(Wᵀx) + b), the paper's ReLU hidden layer model: its neurons are a basis of their own.</summary>
    public static ToyArchitecture ReluHidden { get; } = new() { Hidden = Activation.Relu };

    /// <summary>y = ReLU(U ReLU(Wᵀx) + b), the paper's model of computation in superposition; its targets are |x|.</summary>
    public static ToyArchitecture Computing { get; } = new() { Tied = false, Hidden = Activation.Relu };

    /// <summary>Whether one matrix reads and writes, U = W; true by default.</summary>
    public bool Tied { get; init; } = true;

    /// <summary>σ; identity by default.</summary>
    public Activation Hidden { get; init; } = Activation.Identity;

    /// <summary>φ; ReLU by default. Identity with cross-entropy.</summary>
    public Activation Output { get; init; } = Activation.Relu;

    /// <summary>Whether the hidden layers have biases c_l; false by default, as in the paper.</summary>
    public bool HiddenBias { get; init; }

    /// <summary>L, hidden layers, each of d units; at least 1. Default 1.</summary>
    public int HiddenLayers { get; init; } = 1;

    internal IEnumerable<string> Problems()
    {
        if (HiddenLayers < 1) yield return $"HiddenLayers is {HiddenLayers}; it must be at least 1.";
        if (!Enum.IsDefined(Hidden)) yield return $"Hidden is {Hidden}; it must be one of {string.Join(", ", Enum.GetNames<Activation>())}.";
        if (Output is not (Activation.Identity or Activation.Relu or Activation.Gelu))
            yield return $"Output is {Output}; it must be Identity, Relu or Gelu.";
    }
}

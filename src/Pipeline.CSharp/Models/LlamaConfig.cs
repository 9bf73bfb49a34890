namespace Superposition.Models;

/// <summary>
/// The shape of a model of the Llama family: RMS norm before each block's two halves, rotary positions, grouped queries, SwiGLU
/// (Touvron et al. 2023, "Llama 2", §2.2).
/// </summary>
public sealed record LlamaConfig
{
    /// <summary>d, the width of the residual stream.</summary>
    public required int Dimensions { get; init; }

    /// <summary>Neurons of a block's hidden layer.</summary>
    public required int Hidden { get; init; }

    /// <summary>Blocks.</summary>
    public required int Layers { get; init; }

    /// <summary>Query heads of a block; d is a multiple of it, unless <see cref="HeadDimensions"/> is set.</summary>
    public required int Heads { get; init; }

    /// <summary>Key and value heads of a block; the query heads are a multiple of them.</summary>
    public required int KeyValueHeads { get; init; }

    /// <summary>Tokens there are.</summary>
    public required int Vocabulary { get; init; }

    /// <summary>The most tokens the model looks at together.</summary>
    public required int Context { get; init; }

    /// <summary>Width of a head, even. Default d / heads.</summary>
    public int HeadDimensions { get => field > 0 ? field : Heads > 0 ? Dimensions / Heads : 0; init; }

    /// <summary>θ of the rotary positions: pair i of position t is turned by t·θ^(−2i/width of a head). Default 10,000.</summary>
    public double RotaryBase { get; init; } = 10_000;

    /// <summary>Whether a pair is coordinates (2i, 2i + 1), as Meta's and llama2.c's weights have it, or (i, i + half), as Hugging Face's. Default true.</summary>
    public bool AdjacentPairs { get; init; } = true;

    /// <summary>ε of the RMS norm. Default 1e-5.</summary>
    public double NormEpsilon { get; init; } = 1e-5;

    internal IEnumerable<string> Problems()
    {
        foreach (var (name, value) in new[]
                 {
                     (nameof(Dimensions), Dimensions), (nameof(Hidden), Hidden), (nameof(Layers), Layers), (nameof(Heads), Heads),
                     (nameof(KeyValueHeads), KeyValueHeads), (nameof(Vocabulary), Vocabulary), (nameof(Context), Context),
                 })
            if (value < 1) yield return $"{name} is {value}; it must be at least 1.";
        if (Heads > 0 && KeyValueHeads > 0 && Heads % KeyValueHeads != 0)
            yield return $"Heads is {Heads} and KeyValueHeads {KeyValueHeads}; the one must be a multiple of the other.";
        if (HeadDimensions < 2 || HeadDimensions % 2 != 0)
            yield return $"HeadDimensions is {HeadDimensions}; it must be even, for rotary positions turn pairs.";
        if (!(RotaryBase > 1 && double.IsFinite(RotaryBase))) yield return $"RotaryBase is {RotaryBase}; it must be a finite number above 1.";
        if (!(NormEpsilon >= 0 && double.IsFinite(NormEpsilon))) yield return $"NormEpsilon is {NormEpsilon}; it must be a finite number, at least 0.";
    }
}

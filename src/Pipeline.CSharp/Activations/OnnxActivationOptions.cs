namespace Superposition.Activations;

/// <summary>Which tensor of an ONNX model is recorded, and on what.</summary>
public sealed record OnnxActivationOptions
{
    /// <summary>The .onnx file; weights that it keeps in files of their own lie beside it.</summary>
    public required string Model { get; init; }

    /// <summary>A tensor that a node of the graph computes: [B, d], a row each, or [B, T, d], T rows each.</summary>
    public required string Tensor { get; init; }

    /// <summary>Which column each input of the model is read from; one that is not named here is read from the column of its own name.</summary>
    public IReadOnlyDictionary<string, string> Inputs { get; init; } = new Dictionary<string, string>();

    /// <summary>B, rows of the view that the model runs on at once; a model of one fixed B has that. 64.</summary>
    public int BatchSize { get; init; } = 64;

    internal IEnumerable<string> Problems()
    {
        if (BatchSize < 1) yield return $"BatchSize is {BatchSize}; it must be at least 1.";
    }
}

namespace Superposition.Models;

/// <summary>How text is drawn from a model.</summary>
public sealed record SampleOptions
{
    /// <summary>How many texts; at least 1.</summary>
    public required int Texts { get; init; }

    /// <summary>The number of the first text, which its random numbers follow from; at least 0. Default 0.</summary>
    public int FirstText { get; init; }

    /// <summary>Logits are divided by it; 0 takes the likeliest token always. Default 0.8.</summary>
    public double Temperature { get; init; } = 0.8;

    /// <summary>The most tokens of a text, prompt and end included; 0 (default) for the context.</summary>
    public int MostTokens { get; init; }

    /// <summary>What each text begins with. Default nothing.</summary>
    public string Prompt { get; init; } = "";

    /// <summary>Texts drawn side by side; what is drawn does not follow from it but for rounding. Default 64.</summary>
    public int BatchSize { get; init; } = 64;

    /// <summary>Everything random follows from it: a token from the seed, the text's number and its place.</summary>
    public required long Seed { get; init; }

    internal IEnumerable<string> Problems(LlamaConfig config)
    {
        if (Texts < 1) yield return $"Texts is {Texts}; it must be at least 1.";
        if (FirstText < 0) yield return $"FirstText is {FirstText}; it must not be negative.";
        if (!(Temperature >= 0 && double.IsFinite(Temperature))) yield return $"Temperature is {Temperature}; it must be a finite number, at least 0.";
        if (MostTokens < 0 || MostTokens > config.Context) yield return $"MostTokens is {MostTokens}; it must be from 1 to the context, {config.Context}, or 0 for that.";
        if (BatchSize < 1) yield return $"BatchSize is {BatchSize}; it must be at least 1.";
    }
}

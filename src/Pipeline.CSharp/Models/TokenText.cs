using System.Text;
using Superposition.Training;

namespace Superposition.Models;

/// <summary>Tokens that a model is run on, cut into windows that it looks at one by one; the last may be shorter.</summary>
public sealed class TokenText
{
    const int TextsTogether = 64;

    static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    readonly int[] tokens;

    /// <summary>Tokens one after the other.</summary>
    /// <param name="tokens">At least one.</param>
    /// <param name="window">T, tokens of a window; at least 1.</param>
    public TokenText(IEnumerable<int> tokens, int window)
    {
        this.tokens = [.. tokens];
        ArgumentOutOfRangeException.ThrowIfLessThan(window, 1);
        if (this.tokens.Length == 0) throw new ArgumentException("Expected at least one token, found none.", nameof(tokens));
        Window = window;
    }

    /// <summary>T.</summary>
    public int Window { get; }

    /// <summary>Tokens in all.</summary>
    public int Count => tokens.Length;

    /// <summary>Windows, the last of which may be shorter.</summary>
    public int Windows => (Count + Window - 1) / Window;

    /// <summary>Token r.</summary>
    public int this[int r] => tokens[r];

    /// <summary>A text in a model's tokens, with the one that begins a text before it.</summary>
    /// <exception cref="ArgumentException">The text is no valid Unicode.</exception>
    public static TokenText Of(LanguageModel model, string text, int window) => new(model.Encode(text).Cast<int>(), window);

    /// <summary>A file of text in UTF-8.</summary>
    /// <exception cref="ModelFileException">The file is not UTF-8.</exception>
    public static TokenText Read(LanguageModel model, string path, int window)
    {
        try
        {
            return Of(model, Utf8.GetString(File.ReadAllBytes(path)), window);
        }
        catch (DecoderFallbackException error)
        {
            throw new ModelFileException(path, ModelFileReason.NotText,
                $"expected text in UTF-8, found bytes that are none at {error.Index}. Convert the file.", error);
        }
    }

    /// <summary>What the model itself writes, story after story: unlimited, and what it was trained on.</summary>
    /// <param name="model">The model.</param>
    /// <param name="count">Tokens in all; at least 1.</param>
    /// <param name="window">T, tokens of a window.</param>
    /// <param name="seed">Everything random follows from it; fewer tokens are the beginning of more.</param>
    /// <param name="temperature">As in <see cref="SampleOptions"/>.</param>
    /// <param name="progress">Told how many tokens there are.</param>
    /// <param name="cancellation">Stops at the next token.</param>
    public static TokenText Sampled(
        LanguageModel model, int count, int window, long seed, double temperature = 0.8,
        IProgress<TrainingProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        var drawn = new List<int>();
        var reporter = new ProgressReporter("tokens drawn", count, channel: null, progress, cancellation);
        for (var first = 0; drawn.Count < count; first += TextsTogether)
        {
            foreach (var text in model.Sample(new() { Texts = TextsTogether, FirstText = first, Temperature = temperature, Seed = seed }, cancellation))
                // The token that begins the next text may have ended this one, and need not stand there twice.
                drawn.AddRange(text.Length > 1 && text[^1] == model.Tokenizer.Beginning ? text.AsSpan(0, text.Length - 1) : text);
            reporter.Step(Math.Min(drawn.Count, count), loss: null);
        }
        return new(drawn.Take(count), window);
    }

    /// <summary>[windows, T] The windows in batches of one length, about so many tokens each.</summary>
    public IEnumerable<int[,]> Batches(int tokensTogether = 2048)
    {
        for (int window = 0, count; window < Windows; window += count)
        {
            var (first, whole) = (window * Window, Count / Window - window);
            count = Math.Max(1, Math.Min(whole, tokensTogether / Window));
            var batch = new int[count, Math.Min(Window, Count - first)];
            for (var w = 0; w < count; w++)
                for (var t = 0; t < batch.GetLength(1); t++) batch[w, t] = tokens[first + w * Window + t];
            yield return batch;
        }
    }
}

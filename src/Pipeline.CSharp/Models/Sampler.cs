using System.Runtime.InteropServices;
using Superposition.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Superposition.Models;

/// <summary>Draws texts from a model, token by token, each text until a token that begins or ends one.</summary>
public static class Sampler
{
    const int Purpose = 20;   // of the seed

    /// <summary>The tokens of each text: the one that begins it, the prompt, what was drawn, and the one that ended it, if one did.</summary>
    /// <exception cref="OptionsException">The options cannot be used; every problem is named.</exception>
    /// <exception cref="ArgumentException">The prompt is no valid Unicode, or longer than the texts.</exception>
    public static int[][] Sample(this LanguageModel model, SampleOptions options, CancellationToken cancellation = default)
    {
        OptionsException.ThrowIfAny(nameof(SampleOptions), options.Problems(model.Config));
        var prompt = model.Encode(options.Prompt);
        var most = options.MostTokens > 0 ? options.MostTokens : model.Config.Context;
        if (prompt.Length == 0 || prompt.Length > most)
            throw new ArgumentException($"Expected a prompt of 1 to {most} tokens, found {prompt.Length}.", nameof(options));
        var texts = new List<int>[options.Texts];
        for (var first = 0; first < texts.Length; first += options.BatchSize)
        {
            var count = Math.Min(options.BatchSize, texts.Length - first);
            for (var i = 0; i < count; i++) texts[first + i] = [.. prompt.Cast<int>()];
            Batch(model, options, most, texts.AsSpan(first, count), first, cancellation);
        }
        return [.. texts.Select(text => text.ToArray())];
    }

    static void Batch(LanguageModel model, SampleOptions options, int most, Span<List<int>> texts, int first, CancellationToken cancellation)
    {
        using var past = new KeyValueCache(model.Config, texts.Length);
        var seen = 0;
        var ended = new bool[texts.Length];
        while (texts[0].Count < most && ended.Contains(false))
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var tokens = new int[texts.Length, texts[0].Count - seen];
            for (var i = 0; i < texts.Length; i++)
                for (var t = 0; t < tokens.GetLength(1); t++) tokens[i, t] = texts[i][seen + t];
            var logits = model.Logits(model.Tokens(tokens, seen), new(model.Config, [], past)).select(1, tokens.GetLength(1) - 1).contiguous();
            seen += tokens.GetLength(1);
            var all = MemoryMarshal.Cast<byte, float>(logits.bytes);
            for (var i = 0; i < texts.Length; i++)
            {
                var token = Draw(all.Slice(i * model.Config.Vocabulary, model.Config.Vocabulary), options, options.FirstText + first + i, seen);
                texts[i].Add(token);   // those that have ended go on unheard, so that all have one length
                ended[i] |= token == model.Tokenizer.Beginning || token == model.Tokenizer.End;
            }
        }
        foreach (var text in texts) Cut(text, model.Tokenizer);
    }

    // Behind the first token that begins or ends a text, but the one at the start.
    static void Cut(List<int> text, TextTokenizer tokenizer)
    {
        var end = text.FindIndex(1, token => token == tokenizer.Beginning || token == tokenizer.End);
        if (end >= 0) text.RemoveRange(end + 1, text.Count - end - 1);
    }

    static int Draw(ReadOnlySpan<float> logits, SampleOptions options, int text, int place)
    {
        var likeliest = 0;
        for (var token = 1; token < logits.Length; token++) if (logits[token] > logits[likeliest]) likeliest = token;
        if (options.Temperature == 0) return likeliest;
        var sum = 0.0;
        var upTo = new double[logits.Length];
        for (var token = 0; token < logits.Length; token++)
            upTo[token] = sum += Math.Exp((logits[token] - (double)logits[likeliest]) / options.Temperature);
        var key = CounterRandom.At(CounterRandom.Key(options.Seed, Purpose), text);
        var threshold = CounterRandom.Uniform53(CounterRandom.At(key, place)) * sum;
        var drawn = Array.BinarySearch(upTo, threshold);
        return Math.Min(drawn < 0 ? ~drawn : drawn, logits.Length - 1);
    }
}

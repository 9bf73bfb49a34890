using System.Globalization;
using Superposition.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace Superposition.Models;

/// <summary>
/// A real language model that can be looked into: run, run with what it comes by kept, run with what it comes by changed. It only reads
/// its weights, so gradients are not kept; several threads may use it.
/// </summary>
public sealed class LanguageModel : IDisposable
{
    readonly Llama llama;

    /// <summary>A model of given weights.</summary>
    /// <exception cref="OptionsException">The config names sizes that do not go together.</exception>
    public LanguageModel(LlamaConfig config, LlamaWeights weights, TextTokenizer tokenizer)
    {
        OptionsException.ThrowIfAny(nameof(LlamaConfig), config.Problems());
        TorchLibrary.EnsureLoaded();
        (Config, Weights, Tokenizer) = (config, weights, tokenizer);
        llama = new(config, weights);
    }

    /// <summary>Its sizes.</summary>
    public LlamaConfig Config { get; }

    /// <summary>Its numbers.</summary>
    public LlamaWeights Weights { get; }

    /// <summary>Text to its tokens and back.</summary>
    public TextTokenizer Tokenizer { get; }

    /// <summary>Points that can be hooked, in the order of the pass.</summary>
    public IReadOnlyList<string> Points => HookPoints.Of(Config);

    /// <summary>
    /// Reads a folder: config.json, safetensors and a tokenizer of Hugging Face's Llama family, or checkpoint.bin and tokenizer.bin of llama2.c.
    /// </summary>
    /// <exception cref="ModelFileException">There is no model of a known layout, or a part of it is damaged, not computed here, or does not fit.</exception>
    /// <exception cref="Storage.SafetensorsException">A file of weights breaks a rule of its format.</exception>
    public static LanguageModel Load(string folder)
    {
        var (config, weights, tokenizer) =
            LlamaFolder.Is(folder) ? LlamaFolder.Read(folder)
            : LlamaCheckpoint.Is(folder) ? LlamaCheckpoint.ReadFolder(folder)
            : throw new ModelFileException(folder, ModelFileReason.NotModel,
                "expected config.json, model.safetensors and tokenizer.model or tokenizer.json of Hugging Face, or checkpoint.bin and tokenizer.bin of llama2.c; "
                + "found neither config.json nor checkpoint.bin.");
        return new(config, weights, tokenizer);
    }

    /// <summary>[1, T] The tokens of a text, with the one that begins a text before them.</summary>
    /// <exception cref="ArgumentException">The text is no valid Unicode.</exception>
    public int[,] Encode(string text)
    {
        int[] tokens = [.. Tokenizer.Beginning is { } beginning ? [beginning] : Array.Empty<int>(), .. Tokenizer.Encode(text)];
        var row = new int[1, tokens.Length];
        for (var t = 0; t < tokens.Length; t++) row[0, t] = tokens[t];
        return row;
    }

    /// <summary>[B, T, vocabulary] What the model expects after each token; hooks look on and change what they will, in their order.</summary>
    /// <param name="tokens">[B, T], T from 1 to the context.</param>
    /// <param name="hooks">None, to look at nothing.</param>
    /// <exception cref="HookException">A hook names no point, or returns another shape.</exception>
    /// <exception cref="ArgumentException">The tokens are none of the model's, or too many.</exception>
    public Tensor Logits(int[,] tokens, params IReadOnlyList<Hook> hooks)
    {
        using var scope = NewDisposeScope();
        return Logits(Tokens(tokens, position: 0), new(Config, hooks, past: null)).MoveToOuterDisposeScope();
    }

    /// <summary>The same with the points that are named kept, or all where none is; no logits are computed, and no block behind the last point.</summary>
    /// <exception cref="HookException">There is no such point.</exception>
    /// <exception cref="ArgumentException">The tokens are none of the model's, or too many.</exception>
    public ActivationCache RunWithCache(int[,] tokens, params IReadOnlyList<string> points)
    {
        if (points.Count == 0) points = Points;
        var cache = new ActivationCache();
        try
        {
            using var scope = NewDisposeScope();
            using var noGradient = no_grad();
            var pass = new ForwardPass(Config, [.. points.Distinct().Select(point => new Hook(point, x => cache.Keep(point, x)))], past: null);
            var isFinal = points.Any(point => point.StartsWith("ln_final", StringComparison.Ordinal));
            var x = llama.Residual(Tokens(tokens, position: 0), pass, isFinal ? Config.Layers : points.Max(BlocksUpTo));
            if (isFinal) llama.Normalized(x, pass);
            return cache;
        }
        catch
        {
            cache.Dispose();
            throw;
        }
    }

    /// <summary>[B, T − 1] Cost of each next token, −ln p, in nats.</summary>
    /// <exception cref="HookException">A hook names no point, or returns another shape.</exception>
    /// <exception cref="ArgumentException">The tokens are none of the model's, or too many, or only one.</exception>
    public float[,] Losses(int[,] tokens, params IReadOnlyList<Hook> hooks)
    {
        var next = tokens.GetLength(1) - 1;
        if (next < 1) throw new ArgumentException("Expected at least two tokens, found one: nothing follows it.", nameof(tokens));
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var input = Tokens(tokens, position: 0);
        var expected = Logits(input, new(Config, hooks, past: null)).narrow(1, 0, next).log_softmax(-1);
        var costs = expected.gather(2, input.narrow(1, 1, next).unsqueeze(2)).squeeze(2).neg().contiguous();
        var losses = new float[tokens.GetLength(0), next];
        costs.data<float>().CopyTo(DataViews.Rows.Flat(losses));
        return losses;
    }

    /// <summary>[B, T, vocabulary], going on from what was seen before.</summary>
    internal Tensor Logits(Tensor tokens, ForwardPass pass)
    {
        using var noGradient = no_grad();
        return llama.Logits(llama.Normalized(llama.Residual(tokens, pass, Config.Layers), pass));
    }

    /// <summary>[B, T] As torch takes them, checked.</summary>
    internal Tensor Tokens(int[,] tokens, int position)
    {
        var (batch, count) = (tokens.GetLength(0), tokens.GetLength(1));
        if (batch < 1 || count < 1) throw new ArgumentException($"Expected tokens [B, T] with at least one, found [{batch}, {count}].", nameof(tokens));
        if (position + count > Config.Context)
            throw new ArgumentException($"Expected at most {Config.Context} tokens together, which the model was made for, found {position + count}. Cut the text.", nameof(tokens));
        var numbers = new long[batch * count];
        var at = 0;
        foreach (var token in tokens)
            numbers[at++] = token >= 0 && token < Config.Vocabulary ? token : throw new ArgumentException(
                $"Expected tokens from 0 to {Config.Vocabulary - 1}, found {token}. Was the text encoded for another model?", nameof(tokens));
        return tensor(numbers, batch, count);
    }

    // Blocks that have run when a point has come by.
    static int BlocksUpTo(string point) =>
        point.Split('.') is ["blocks", var layer, ..] && int.TryParse(layer, CultureInfo.InvariantCulture, out var number) ? number + 1 : 0;

    /// <inheritdoc/>
    public void Dispose() => llama.Dispose();
}

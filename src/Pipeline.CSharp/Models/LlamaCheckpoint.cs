using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Superposition.DataViews;

namespace Superposition.Models;

/// <summary>
/// Reads llama2.c's first format (karpathy/llama2.c, export.py, legacy_export): seven int32 (d, hidden, layers, heads, key and value heads,
/// vocabulary, context; the vocabulary is negative where the head is not the embedding), float32 arrays, each kind for all layers in a row,
/// and two rotary tables, which are computed here instead.
/// </summary>
internal sealed class LlamaCheckpoint
{
    public const string Name = "checkpoint.bin";

    const int HeaderLength = 7 * sizeof(int);
    // No model of this format has more; sizes beyond are a damaged header, and their product could overflow.
    const int MostOfAny = 1 << 20;

    readonly string path;
    readonly Stream stream;

    LlamaCheckpoint(string path, Stream stream) => (this.path, this.stream) = (path, stream);

    /// <summary>Whether the folder has this layout, be it whole or not.</summary>
    public static bool Is(string folder) => File.Exists(Path.Combine(folder, Name));

    /// <summary>With the tokenizer beside it.</summary>
    /// <exception cref="ModelFileException">One is missing or damaged, or they do not fit.</exception>
    public static (LlamaConfig Config, LlamaWeights Weights, TextTokenizer Tokenizer) ReadFolder(string folder)
    {
        var (config, weights) = Read(Path.Combine(folder, Name));
        var tokenizer = Path.Combine(folder, "tokenizer.bin");
        if (!File.Exists(tokenizer)) throw new ModelFileException(folder, ModelFileReason.Missing, $"expected tokenizer.bin beside {Name}. Copy it there.");
        return (config, weights, ScoredTokenizer.Read(tokenizer).Fitting(config, tokenizer));
    }

    /// <summary>The whole file; its length is checked before anything is allocated.</summary>
    /// <exception cref="ModelFileException">It is no such file, or damaged.</exception>
    public static (LlamaConfig Config, LlamaWeights Weights) Read(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        return Read(stream, path);
    }

    /// <inheritdoc cref="Read(string)"/>
    internal static (LlamaConfig Config, LlamaWeights Weights) Read(Stream stream, string path) => new LlamaCheckpoint(path, stream).Read();

    (LlamaConfig, LlamaWeights) Read()
    {
        if (stream.Length < HeaderLength)
            throw new ModelFileException(path, ModelFileReason.CutShort, $"expected a header of {HeaderLength} bytes, the file has {stream.Length}. Copy it again.");
        var header = new byte[HeaderLength];
        stream.ReadExactly(header);
        var sizes = new int[7];
        for (var i = 0; i < sizes.Length; i++) sizes[i] = BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(i * sizeof(int)));
        var isTied = sizes[5] > 0;
        if (!isTied && sizes[5] > int.MinValue) sizes[5] = -sizes[5];
        var config = new LlamaConfig
        {
            Dimensions = sizes[0], Hidden = sizes[1], Layers = sizes[2], Heads = sizes[3], KeyValueHeads = sizes[4], Vocabulary = sizes[5], Context = sizes[6],
        };
        CheckSizes(config, sizes);
        CheckLength(config, isTied);
        return (config, Weights(config, isTied));
    }

    void CheckSizes(LlamaConfig config, int[] sizes)
    {
        string[] problems =
        [
            .. config.Problems(),
            .. config.Heads > 0 && config.Dimensions % config.Heads != 0 ? [$"Dimensions is {config.Dimensions}; it must be a multiple of Heads, {config.Heads}."] : Array.Empty<string>(),
            .. sizes.Where(size => size > MostOfAny).Select(size => $"{size} is more than any size can be."),
        ];
        if (problems.Length > 0)
            throw new ModelFileException(path, ModelFileReason.WrongShape,
                $"expected the header of a llama2.c checkpoint (d, hidden, layers, heads, key and value heads, vocabulary, context), found {string.Join(", ", sizes)}. {string.Join(" ", problems)}");
    }

    void CheckLength(LlamaConfig config, bool isTied)
    {
        long d = config.Dimensions, keys = (long)config.KeyValueHeads * config.HeadDimensions, hidden = config.Hidden, vocabulary = config.Vocabulary;
        // In decimal, which the product of four sizes cannot overflow.
        var floats = vocabulary * (decimal)d * (isTied ? 1 : 2) + d + (decimal)config.Context * config.HeadDimensions
            + (decimal)config.Layers * (2 * d + 2 * (decimal)d * d + 2 * (decimal)keys * d + 3 * (decimal)hidden * d);
        var expected = HeaderLength + sizeof(float) * floats;
        if (stream.Length == expected) return;
        var cut = stream.Length < expected;
        throw new ModelFileException(path, cut ? ModelFileReason.CutShort : ModelFileReason.TrailingBytes,
            $"a model of d = {d}, {config.Layers} layers and {vocabulary} tokens has {expected} bytes, the file {stream.Length}. "
            + (cut ? "Copy it again." : "Something was appended, or the header is wrong."));
    }

    LlamaWeights Weights(LlamaConfig config, bool isTied)
    {
        int d = config.Dimensions, layers = config.Layers, keys = config.KeyValueHeads * config.HeadDimensions;
        var embedding = Matrix("tok_emb", config.Vocabulary, d);
        var attentionNorms = Vectors("att_norm", layers, d);
        var queries = Matrices("wq", layers, d, d);
        var (keyed, valued) = (Matrices("wk", layers, keys, d), Matrices("wv", layers, keys, d));
        var outputs = Matrices("wo", layers, d, d);
        var norms = Vectors("ffn_norm", layers, d);
        var gates = Matrices("w1", layers, config.Hidden, d);
        var downs = Matrices("w2", layers, d, config.Hidden);
        var ups = Matrices("w3", layers, config.Hidden, d);
        var finalNorm = Vector("final_norm", d);
        stream.Seek((long)config.Context * config.HeadDimensions * sizeof(float), SeekOrigin.Current);   // the rotary tables
        var head = isTied ? embedding : Matrix("wcls", config.Vocabulary, d);
        return new(embedding,
            [
                .. Enumerable.Range(0, layers).Select(l => new LlamaBlockWeights(
                    attentionNorms[l], queries[l], keyed[l], valued[l], outputs[l], norms[l], gates[l], ups[l], downs[l])),
            ], finalNorm, head);
    }

    float[][,] Matrices(string name, int layers, int rows, int columns) =>
        [.. Enumerable.Range(0, layers).Select(layer => Matrix($"{name} of layer {layer}", rows, columns))];

    float[][] Vectors(string name, int layers, int length) => [.. Enumerable.Range(0, layers).Select(layer => Vector($"{name} of layer {layer}", length))];

    float[,] Matrix(string name, int rows, int columns)
    {
        var matrix = new float[rows, columns];
        Fill(name, Rows.Flat(matrix));
        return matrix;
    }

    float[] Vector(string name, int length)
    {
        var vector = new float[length];
        Fill(name, vector);
        return vector;
    }

    void Fill(string name, Span<float> values)
    {
        var bytes = MemoryMarshal.AsBytes(values);
        stream.ReadExactly(bytes);
        if (!BitConverter.IsLittleEndian) foreach (ref var value in values) value = BitConverter.Int32BitsToSingle(BinaryPrimitives.ReverseEndianness(BitConverter.SingleToInt32Bits(value)));
        if (Rows.FirstNotFinite(values) is >= 0 and var at)
            throw new ModelFileException(path, ModelFileReason.NotFinite, $"{name}: number {at} is {values[at]}. The file is damaged, or its training diverged.");
    }
}

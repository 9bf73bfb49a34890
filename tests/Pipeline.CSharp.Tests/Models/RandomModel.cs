using Superposition.Models;

namespace Superposition.Tests.Models;

/// <summary>A model of random weights, large enough that every part of it moves the logits.</summary>
static class RandomModel
{
    public static LanguageModel Of(LlamaConfig config, int seed = 1) => new(config, Weights(config, seed), Stories.Model.Tokenizer);

    public static LlamaWeights Weights(LlamaConfig config, int seed)
    {
        var random = new Random(seed);
        int d = config.Dimensions, queries = config.Heads * config.HeadDimensions, keys = config.KeyValueHeads * config.HeadDimensions;
        return new(
            Matrix(config.Vocabulary, d),
            [
                .. Enumerable.Range(0, config.Layers).Select(_ => new LlamaBlockWeights(
                    Vector(d), Matrix(queries, d), Matrix(keys, d), Matrix(keys, d), Matrix(d, queries),
                    Vector(d), Matrix(config.Hidden, d), Matrix(config.Hidden, d), Matrix(d, config.Hidden))),
            ], Vector(d), Matrix(config.Vocabulary, d));

        float[,] Matrix(int rows, int columns)
        {
            var matrix = new float[rows, columns];
            for (var r = 0; r < rows; r++)
                for (var c = 0; c < columns; c++) matrix[r, c] = (float)((random.NextDouble() - 0.5) * 3 / Math.Sqrt(columns));
            return matrix;
        }

        float[] Vector(int length) => [.. Enumerable.Range(0, length).Select(_ => 0.5f + random.NextSingle())];
    }
}

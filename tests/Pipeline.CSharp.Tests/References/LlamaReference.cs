using Superposition.Models;

namespace Superposition.Tests.References;

/// <summary>
/// The forward pass in double precision, a token at a time, written from the papers' formulas with plain loops: RMS norm, rotary positions,
/// causal attention with grouped queries, SwiGLU.
/// </summary>
sealed class LlamaReference(LlamaConfig config, LlamaWeights weights)
{
    /// <summary>[T][vocabulary]</summary>
    public double[][] Logits(IReadOnlyList<int> tokens)
    {
        var stream = tokens.Select(token => Row(weights.Embedding, token)).ToArray();
        foreach (var block in weights.Blocks)
        {
            Attend(stream, block);
            for (var t = 0; t < stream.Length; t++)
            {
                var x = Norm(stream[t], block.FeedForwardNorm);
                var (gate, up) = (Times(block.Gate, x), Times(block.Up, x));
                Add(stream[t], Times(block.Down, [.. gate.Zip(up, (g, u) => g / (1 + Math.Exp(-g)) * u)]));
            }
        }
        return [.. stream.Select(x => Times(weights.Head, Norm(x, weights.FinalNorm)))];
    }

    void Attend(double[][] stream, LlamaBlockWeights block)
    {
        var width = config.HeadDimensions;
        var normed = stream.Select(x => Norm(x, block.AttentionNorm)).ToArray();
        var queries = normed.Select((x, t) => Turned(Times(block.Query, x), t)).ToArray();
        var keys = normed.Select((x, t) => Turned(Times(block.Key, x), t)).ToArray();
        var values = normed.Select(x => Times(block.Value, x)).ToArray();
        for (var t = 0; t < stream.Length; t++)
        {
            var heads = new double[config.Heads * width];
            for (var head = 0; head < config.Heads; head++)
            {
                int from = head * width, shared = head / (config.Heads / config.KeyValueHeads) * width;
                var scores = Enumerable.Range(0, t + 1).Select(s =>
                    Enumerable.Range(0, width).Sum(i => queries[t][from + i] * keys[s][shared + i]) / Math.Sqrt(width)).ToArray();
                var weights = scores.Select(score => Math.Exp(score - scores.Max())).ToArray();
                for (var i = 0; i < width; i++)
                    heads[from + i] = Enumerable.Range(0, t + 1).Sum(s => weights[s] * values[s][shared + i]) / weights.Sum();
            }
            Add(stream[t], Times(block.Output, heads));
        }
    }

    double[] Turned(double[] x, int position)
    {
        var (width, half) = (config.HeadDimensions, config.HeadDimensions / 2);
        var turned = new double[x.Length];
        for (var head = 0; head < x.Length; head += width)
            for (var i = 0; i < half; i++)
            {
                var (a, b) = config.AdjacentPairs ? (head + 2 * i, head + 2 * i + 1) : (head + i, head + i + half);
                var angle = position * Math.Pow(config.RotaryBase, -2.0 * i / width);
                turned[a] = x[a] * Math.Cos(angle) - x[b] * Math.Sin(angle);
                turned[b] = x[a] * Math.Sin(angle) + x[b] * Math.Cos(angle);
            }
        return turned;
    }

    double[] Norm(double[] x, float[] gain)
    {
        var scale = Math.Sqrt(x.Average(value => value * value) + config.NormEpsilon);
        return [.. x.Select((value, i) => value / scale * gain[i])];
    }

    static double[] Row(float[,] matrix, int row) => [.. Enumerable.Range(0, matrix.GetLength(1)).Select(i => (double)matrix[row, i])];

    static double[] Times(float[,] matrix, double[] x) =>
        [.. Enumerable.Range(0, matrix.GetLength(0)).Select(row => Enumerable.Range(0, x.Length).Sum(i => matrix[row, i] * x[i]))];

    static void Add(double[] x, double[] y)
    {
        for (var i = 0; i < x.Length; i++) x[i] += y[i];
    }
}

namespace Superposition.Tests.References;

/// <summary>One batch on its way through a <see cref="SparseAutoencoderReference"/>, and how far samples keep from other selections.</summary>
sealed class ReferencePass
{
    readonly SparseAutoencoderReference of;
    readonly double[][] x, y;
    readonly Dictionary<string, Value[]> values = [];
    readonly Value[][] rows, residuals;
    readonly Value[] norms;

    public ReferencePass(SparseAutoencoderReference of, double[][] x, double[][] y)
    {
        (this.of, this.x, this.y) = (of, x, y);
        foreach (var name in new[] { "W_enc", "b_enc", "W_dec", "b_dec", "r_mag", "b_mag", "threshold", "W_skip" })
        {
            var numbers = of.Parameters.GetValueOrDefault(name) ?? new double[name == "b_dec" ? of.OutputDimensions : of.Latents];
            values[name] = [.. numbers.Select(number => (Value)number)];
        }
        rows = [.. values["W_dec"].Chunk(of.OutputDimensions)];
        norms = [.. rows.Select(row => Value.Squares(row).Pow(0.5))];
        residuals = new Value[x.Length][];
        (Latents, Reconstructions, Margins) = (new double[x.Length][], new double[x.Length][], new double[x.Length]);
        Array.Fill(Margins, double.PositiveInfinity);
    }

    public double[][] Latents { get; }

    public double[][] Reconstructions { get; }

    public double[] Margins { get; }

    public Value[] this[string name] => values[name];

    public double[] Gradient(string name) => [.. values[name].Select(value => value.Gradient)];

    public Value[] Direction(int j) => rows[j];

    public Value Norm(int j) => norms[j];

    public Value[] Residual(int b) => residuals[b];

    public Value Mean(Func<int, Value> row) => Value.Sum(Enumerable.Range(0, x.Length).Select(row)) * (1.0 / x.Length);

    // W_enc(x − b_dec), or W_enc x.
    public Value[] Products(int b, bool centred = true)
    {
        Value[] input = [.. x[b].Select((value, i) => centred ? value - values["b_dec"][i] : value)];
        var encoder = values[of.Parameters.ContainsKey("W_enc") ? "W_enc" : "W_dec"];
        return [.. encoder.Chunk(of.Dimensions).Select(row => Value.Dot(row, input))];
    }

    public Value[] PreActivations(int b, bool centred = true) => [.. Products(b, centred).Zip(values["b_enc"], (u, bias) => u + bias)];

    public Value[] Weighted(Value[] z, bool weighted) => weighted ? [.. z.Zip(norms, (value, norm) => value * norm)] : z;

    // ‖y − ŷ‖²; the last call of a row tells its latents and reconstruction.
    public Value Error(int b, Value[] z)
    {
        Value[] reconstruction = [.. Enumerable.Range(0, of.OutputDimensions).Select(i =>
            Value.Sum(z.Select((value, j) => value * rows[j][i])) + values["b_dec"][i])];
        if (of.Parameters.ContainsKey("W_skip"))
            reconstruction = [.. values["W_skip"].Chunk(of.Dimensions)
                .Zip(reconstruction, (row, value) => value + Value.Dot(row, x[b].Select(number => (Value)number)))];
        residuals[b] = [.. reconstruction.Select((value, i) => y[b][i] - value)];
        (Latents[b], Reconstructions[b]) = ([.. z.Select(value => value.Number)], [.. reconstruction.Select(value => value.Number)]);
        return Value.Squares(residuals[b]);
    }

    public void Choice(int b, double distance) => Margins[b] = Math.Min(Margins[b], distance);

    public Value Relu(int b, Value value, double steepness = 1)
    {
        Choice(b, Math.Abs(value.Number) / steepness);
        return value.Relu();
    }

    // The latents of the highest scores, of all or among some.
    public int[] Largest(int b, double[] score, int count, int[]? among = null)
    {
        int[] ranked = [.. (among ?? [.. Enumerable.Range(0, of.Latents)]).OrderByDescending(j => score[j])];
        if (count < ranked.Length) Choice(b, score[ranked[count - 1]] - score[ranked[count]]);
        return ranked[..count];
    }
}

using Superposition.Tests.References;
using Superposition.ToyModels;
using TorchSharp;
using static TorchSharp.torch;

namespace Superposition.Tests.ToyModels;

/// <summary>K toy models with random weights and a batch of random sparse rows, for the engine and for the reference.</summary>
sealed class ToyModelCase
{
    readonly float[][] w, b, x;

    public int Features { get; }
    public int Dimensions { get; }
    public int Instances { get; }
    public int Rows { get; }
    public float[] Importance { get; }

    /// <param name="shared">Whether all instances see the same rows, as through a view that is no world.</param>
    public ToyModelCase(int features, int dimensions, int instances, int rows, bool shared, int seed)
    {
        (Features, Dimensions, Instances, Rows) = (features, dimensions, instances, rows);
        var random = new Random(seed);
        float Normal() => (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
        float[] Draw(int count, Func<float> value) => [.. Enumerable.Range(0, count).Select(_ => value())];
        var deviation = MathF.Sqrt(2f / (features + dimensions));
        var density = random.NextDouble();
        w = [.. Enumerable.Range(0, instances).Select(_ => Draw(features * dimensions, () => deviation * Normal()))];
        b = [.. Enumerable.Range(0, instances).Select(_ => Draw(features, () => 0.3f * Normal()))];
        x = [.. Enumerable.Range(0, shared ? 1 : instances)
            .Select(_ => Draw(rows * features, () => random.NextDouble() < density ? random.NextSingle() : 0))];
        Importance = Draw(features, () => 2 * random.NextSingle());
    }

    /// <summary>[K] or [1] of [B, n].</summary>
    public Tensor X => tensor([.. x.SelectMany(v => v)], x.Length, Rows, Features);

    public ToyModelParameters Parameters() => new(
        tensor([.. w.SelectMany(v => v)], Instances, Features, Dimensions).requires_grad_(),
        tensor([.. b.SelectMany(v => v)], Instances, Features).requires_grad_());

    public ToyModelReference Reference(int instance) => new(
        Square(w[instance], Features, Dimensions), [.. b[instance].Select(v => (double)v)], [.. Importance.Select(v => (double)v)]);

    /// <summary>[B, n] The rows of an instance.</summary>
    public double[,] RowsOf(int instance) => Square(x[x.Length == 1 ? 0 : instance], Rows, Features);

    /// <summary>mean_B Σ_i I_i x_i², the loss of a model that answers 0.</summary>
    public double SquareOf(double[,] rows) => new ToyModelReference(
        new double[Features, Dimensions], new double[Features], [.. Importance.Select(v => (double)v)]).Loss(rows);

    public double NearestKink => Enumerable.Range(0, Instances).Min(k => Reference(k).NearestKink(RowsOf(k)));

    static double[,] Square(float[] flat, int rows, int columns)
    {
        var square = new double[rows, columns];
        for (var i = 0; i < flat.Length; i++) square[i / columns, i % columns] = flat[i];
        return square;
    }
}

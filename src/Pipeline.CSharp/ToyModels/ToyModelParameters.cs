using System.Runtime.InteropServices;
using Superposition.DataViews;
using Superposition.Randomness;
using Superposition.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Superposition.ToyModels;

/// <summary>W [K, n, d] and b [K, n] of K instances as tensors, and the model's forward pass on them.</summary>
internal sealed class ToyModelParameters : IDisposable
{
    public Tensor W { get; }
    public Tensor B { get; }

    public ToyModelParameters(Tensor w, Tensor b) => (W, B) = (w.DetachFromDisposeScope(), b.DetachFromDisposeScope());

    public static ToyModelParameters Of(IReadOnlyList<ToyModel> models)
    {
        var (k, n, d) = (models.Count, models[0].Features, models[0].Dimensions);
        return new(
            tensor([.. models.SelectMany(m => Rows.Flat(m.W).ToArray())], k, n, d).requires_grad_(),
            tensor([.. models.SelectMany(m => m.B)], k, n).requires_grad_());
    }

    /// <summary>
    /// Xavier-normal W of each instance by itself, N(0, 2/(n + d)); b = 0. (The notebook hands its [K, n, d] array to
    /// xavier_normal_, which takes K for a fan and so gives N(0, 2/(d(K + n))).)
    /// </summary>
    public static ToyModelParameters Initial(int instances, int features, int dimensions, long seed)
    {
        var w = new float[instances * features * dimensions];
        var deviation = Math.Sqrt(2.0 / (features + dimensions));
        for (var k = 0; k < instances; k++)
        {
            var random = new CounterRandom(CounterRandom.At(CounterRandom.Key(seed, 1), k));
            foreach (ref var weight in w.AsSpan(k * features * dimensions, features * dimensions))
                weight = (float)(deviation * random.NextNormal());
        }
        return new(tensor(w, instances, features, dimensions).requires_grad_(), zeros(instances, features).requires_grad_());
    }

    /// <summary>[n] I_i.</summary>
    public static Tensor Importance(ToyModelOptions options, int features) =>
        tensor([.. options.Importance.Expand(features).Select(i => (float)i)]);

    /// <summary>The next rows of each feed into x [feeds, B, n].</summary>
    public static void Fill(Tensor x, params ReadOnlySpan<RowFeed> feeds)
    {
        var rows = MemoryMarshal.Cast<byte, float>(x.bytes);
        var length = rows.Length / feeds.Length;
        for (var f = 0; f < feeds.Length; f++) feeds[f].Next(rows.Slice(f * length, length));
    }

    /// <summary>[K] Batch mean of Σ_i I_i (x_i − x̂_i)², for x [K, B, n] or [1, B, n].</summary>
    public Tensor Loss(Tensor x, Tensor importance)
    {
        var inputs = x.shape[0] == W.shape[0] ? x : x.expand(W.shape[0], -1, -1);
        var reconstruction = torch.nn.functional.relu(Sums.Of(inputs.matmul(W).matmul(W.transpose(1, 2)), B.unsqueeze(1)));
        return (Squares.Elements(inputs, reconstruction) * importance).sum(dim: 2).mean([1]);
    }

    /// <summary>The instances as plain arrays.</summary>
    public ToyModel[] ToModels()
    {
        int instances = (int)W.shape[0], features = (int)W.shape[1], dimensions = (int)W.shape[2];
        ReadOnlySpan<float> w = MemoryMarshal.Cast<byte, float>(W.bytes), b = MemoryMarshal.Cast<byte, float>(B.bytes);
        var models = new ToyModel[instances];
        for (var k = 0; k < instances; k++)
        {
            var matrix = Rows.Matrix(w.Slice(k * features * dimensions, features * dimensions), features);
            models[k] = new(matrix, b.Slice(k * features, features).ToArray(), double.NaN);
        }
        return models;
    }

    public void Dispose()
    {
        W.Dispose();
        B.Dispose();
    }
}

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

    /// <summary>[K] Batch mean of Σ_i I_i (x_i − x̂_i)², for x [K, B, n] or [1, B, n].</summary>
    public Tensor Loss(Tensor x, Tensor importance)
    {
        var inputs = x.shape[0] == W.shape[0] ? x : x.expand(W.shape[0], -1, -1);
        var reconstruction = torch.nn.functional.relu(inputs.matmul(W).matmul(W.transpose(1, 2)) + B.unsqueeze(1));
        return (Squares.Elements(inputs, reconstruction) * importance).sum(dim: 2).mean([1]);
    }

    /// <summary>The instances as plain arrays.</summary>
    public ToyModel[] ToModels(IReadOnlyList<double>? losses = null)
    {
        int instances = (int)W.shape[0], features = (int)W.shape[1], dimensions = (int)W.shape[2];
        ReadOnlySpan<float> w = MemoryMarshal.Cast<byte, float>(W.bytes), b = MemoryMarshal.Cast<byte, float>(B.bytes);
        var models = new ToyModel[instances];
        for (var k = 0; k < instances; k++)
        {
            var matrix = Rows.Matrix(w.Slice(k * features * dimensions, features * dimensions), features);
            models[k] = new(matrix, b.Slice(k * features, features).ToArray(), losses?[k] ?? double.NaN);
        }
        return models;
    }

    public void Dispose()
    {
        W.Dispose();
        B.Dispose();
    }
}

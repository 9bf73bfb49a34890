using Superposition.ToyModels;
using TorchSharp;
using static TorchSharp.torch;

namespace Superposition.Benchmarks;

/// <summary>
/// The paper's notebook on libtorch: K instances in one set of tensors, batches from torch's generator, autograd, torch's own AdamW.
/// Tied ReLU output models, or untied ones with a ReLU hidden layer that are asked for |x|.
/// </summary>
sealed class EagerToyModels : IDisposable
{
    readonly DisposeScope scope = NewDisposeScope();
    readonly TorchSharp.Modules.Parameter w, u, b;
    readonly Tensor density, importance;
    readonly optim.Optimizer optimizer;
    readonly bool absolute;
    readonly int instances, batch, n;

    public EagerToyModels(IReadOnlyList<ToyModel> initial, int batch, double[] densities, double[] importance, bool absolute)
    {
        (instances, this.batch, n, this.absolute) = (densities.Length, batch, initial[0].Features, absolute);
        Tensor Stack(Func<ToyModel, float[,]> matrix) =>
            tensor([.. initial.SelectMany(m => matrix(m).Cast<float>())], instances, n, initial[0].Dimensions).DetachFromDisposeScope();
        w = new(Stack(m => m.W));
        u = absolute ? new(Stack(m => m.Decoder)) : w;
        b = new(zeros(instances, n).DetachFromDisposeScope());
        density = tensor([.. densities.Select(p => (float)p)]).reshape(instances, 1, 1);
        this.importance = tensor([.. importance.Select(i => (float)i)]);
        optimizer = optim.AdamW(absolute ? [w, u, b] : [w, b], lr: 1e-3, weight_decay: 0);
    }

    /// <summary>One step; [K] the losses of its batch.</summary>
    public float[] Step()
    {
        using var inner = NewDisposeScope();
        var values = rand(instances, batch, n);
        if (absolute) values = values * 2 - 1;
        var x = where(rand(instances, batch, n).less_equal(density), values, zeros(1));
        var h = x.matmul(w);
        if (absolute) h = h.relu();
        var y = h.matmul(u.transpose(1, 2)).add(b.unsqueeze(1)).relu();
        var error = (absolute ? x.abs() : x) - y;
        var losses = (error * error * importance).sum(dim: 2).mean([1]);
        optimizer.zero_grad();
        losses.sum().backward();
        optimizer.step();
        return losses.data<float>().ToArray();
    }

    public void Dispose()
    {
        optimizer.Dispose();
        scope.Dispose();
        foreach (var parameter in (Tensor[])[w, u, b]) parameter.Dispose();
    }
}

using System.Runtime.InteropServices;
using TorchSharp;

namespace Superposition.Training;

/// <summary>An optimiser for one parameter tensor on the CPU; see <see cref="Moments{T}"/>.</summary>
internal sealed class Optimizer(OptimizerOptions options, torch.Tensor parameter, long steps)
{
    readonly Moments<float> moments = options.Moments<float>(parameter.NumberOfElements, steps);

    /// <summary>Uses the parameter's gradient and sets it to zero.</summary>
    public void Step()
    {
        if (parameter.grad is not { } gradientTensor) return;   // a loss that does not depend on this parameter
        using var gradient = gradientTensor;
        moments.Step(MemoryMarshal.Cast<byte, float>(parameter.bytes), MemoryMarshal.Cast<byte, float>(gradient.bytes));
        gradient.bytes.Clear();
    }

    /// <summary>Forgets what was learnt of some slices along a dimension, as when a latent is given a new direction.</summary>
    public void Forget(int dimension, IEnumerable<long> slices)
    {
        var length = parameter.shape[dimension];
        var inner = parameter.shape[(dimension + 1)..].Aggregate(1L, (product, size) => product * size);
        foreach (var slice in slices)
            for (var start = slice * inner; start < parameter.NumberOfElements; start += length * inner)
                moments.Forget((int)start, (int)inner);
    }
}

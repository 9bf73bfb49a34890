using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using TorchSharp;

namespace Superposition.Training;

/// <summary>An optimiser for one parameter tensor on the CPU; see <see cref="Moments{T}"/>.</summary>
internal sealed class Optimizer(OptimizerOptions options, torch.Tensor parameter, long steps)
{
    readonly Moments<float> moments = options.Moments<float>(parameter.NumberOfElements, steps);

    /// <summary>What is remembered.</summary>
    public Moments<float> Moments => moments;

    /// <summary>Uses the parameter's gradient, multiplied by a factor, and sets it to zero.</summary>
    public void Step(float factor = 1)
    {
        if (parameter.grad is not { } gradientTensor) return;   // a loss that does not depend on this parameter
        using var gradient = gradientTensor;
        var slope = MemoryMarshal.Cast<byte, float>(gradient.bytes);
        if (factor != 1) TensorPrimitives.Multiply(slope, factor, slope);
        moments.Step(MemoryMarshal.Cast<byte, float>(parameter.bytes), slope);
        slope.Clear();
    }

    /// <summary>Σ g² of the parameter's gradient.</summary>
    public double GradientSquare()
    {
        if (parameter.grad is not { } gradientTensor) return 0;
        using var gradient = gradientTensor;
        var sum = 0.0;
        foreach (var slope in MemoryMarshal.Cast<byte, float>(gradient.bytes)) sum += (double)slope * slope;
        return sum;
    }
}

using System.Numerics;
using System.Runtime.InteropServices;
using TorchSharp;

namespace Superposition.Training;

/// <summary>
/// The moments and the update of AdamW for one parameter tensor on the CPU, in place and in one pass: each element is read
/// and written once, where a chain of tensor operations passes over memory ten times. Element-wise, so the same bytes
/// whatever the thread count.
/// </summary>
internal sealed class AdamW(AdamWOptions options, torch.Tensor parameter)
{
    readonly float[] mean = new float[parameter.NumberOfElements];
    readonly float[] meanSquare = new float[parameter.NumberOfElements];
    int steps;

    /// <summary>Uses the parameter's gradient and sets it to zero.</summary>
    public void Step()
    {
        if (parameter.grad is not { } gradientTensor) return;   // a loss that does not depend on this parameter
        using var gradient = gradientTensor;
        steps++;
        Update(MemoryMarshal.Cast<byte, float>(parameter.bytes), MemoryMarshal.Cast<byte, float>(gradient.bytes));
        gradient.bytes.Clear();
    }

    /// <summary>Forgets what was learnt of some slices along a dimension, as when a latent is given a new direction.</summary>
    public void Forget(int dimension, IEnumerable<long> slices)
    {
        var length = parameter.shape[dimension];
        var inner = parameter.shape[(dimension + 1)..].Aggregate(1L, (product, size) => product * size);
        foreach (var slice in slices)
            for (var start = slice * inner; start < mean.Length; start += length * inner)
            {
                mean.AsSpan((int)start, (int)inner).Clear();
                meanSquare.AsSpan((int)start, (int)inner).Clear();
            }
    }

    void Update(Span<float> theta, ReadOnlySpan<float> gradient)
    {
        float beta1 = (float)options.Beta1, beta2 = (float)options.Beta2;
        float new1 = (float)(1 - options.Beta1), new2 = (float)(1 - options.Beta2);   // 1 − 0.999f is 1.3e-5 off 0.001
        // lr·m̂/(√v̂ + ε), with the bias corrections drawn out of the loop.
        var rootCorrection = Math.Sqrt(1 - Math.Pow(options.Beta2, steps));
        var rate = (float)(options.LearningRate / (1 - Math.Pow(options.Beta1, steps)));
        var scale = (float)(1 / rootCorrection);
        var (epsilon, keep) = ((float)options.Epsilon, (float)(1 - options.LearningRate * options.WeightDecay));
        Span<float> m = mean, v = meanSquare;
        var i = 0;
        for (; i <= theta.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var g = new Vector<float>(gradient[i..]);
            var newMean = new Vector<float>(m[i..]) * beta1 + g * new1;
            var newSquare = new Vector<float>(v[i..]) * beta2 + g * g * new2;
            newMean.CopyTo(m[i..]);
            newSquare.CopyTo(v[i..]);
            var change = newMean * rate / (Vector.SquareRoot(newSquare) * scale + new Vector<float>(epsilon));
            (new Vector<float>(theta[i..]) * keep - change).CopyTo(theta[i..]);
        }
        for (; i < theta.Length; i++)
        {
            var g = gradient[i];
            m[i] = m[i] * beta1 + g * new1;
            v[i] = v[i] * beta2 + g * g * new2;
            theta[i] = theta[i] * keep - m[i] * rate / (MathF.Sqrt(v[i]) * scale + epsilon);
        }
    }
}

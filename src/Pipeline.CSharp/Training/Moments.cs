using System.Numerics;

namespace Superposition.Training;

/// <summary>
/// What an optimiser remembers of one run of parameters in memory, and its update, in place and in one pass: each element is
/// read and written once, where a chain of tensor operations passes over memory ten times. Element-wise, so the same bytes
/// whatever the thread count and the vector width.
/// </summary>
internal abstract class Moments<T>(OptimizerOptions options, long steps) where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    long step;

    /// <summary>One update of θ by its gradient.</summary>
    public void Step(Span<T> theta, ReadOnlySpan<T> gradient)
    {
        step++;
        Update(theta, gradient, options.LearningRate * options.Schedule.Factor(step, steps));
    }

    /// <summary>Forgets what was learnt of some elements.</summary>
    public abstract void Forget(int start, int count);

    protected abstract void Update(Span<T> theta, ReadOnlySpan<T> gradient, double learningRate);
}

using System.Numerics;

namespace Superposition.Training;

/// <summary>
/// What an optimiser remembers of one run of parameters in memory, and its update, in place and in one pass: each element is
/// read and written once, where a chain of tensor operations passes over memory ten times. Element-wise, so the same bytes
/// whatever the thread count and the vector width.
/// </summary>
internal abstract class Moments<T>(OptimizerOptions options, long steps) where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Steps begun.</summary>
    public long Steps { get; private set; }

    /// <summary>One update of θ by its gradient.</summary>
    public void Step(Span<T> theta, ReadOnlySpan<T> gradient)
    {
        Begin();
        Update(0, theta, gradient);
    }

    /// <summary>Begins a step, whose updates may then be done slice by slice, on several threads.</summary>
    public void Begin()
    {
        Steps++;
        Begin(options.LearningRate * options.Schedule.Factor(Steps, steps));
    }

    /// <summary>Updates the slice of θ that starts at an element.</summary>
    public abstract void Update(int start, Span<T> theta, ReadOnlySpan<T> gradient);

    /// <summary>Forgets what was learnt of some elements.</summary>
    public abstract void Forget(int start, int count);

    /// <summary>All that is remembered, element by element; to be saved, or written over.</summary>
    public abstract IReadOnlyList<T[]> State { get; }

    /// <summary>Goes on as after so many steps.</summary>
    public void Resume(long steps)
    {
        while (Steps < steps) Begin();
    }

    protected abstract void Begin(double learningRate);
}

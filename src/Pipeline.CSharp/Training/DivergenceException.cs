namespace Superposition.Training;

/// <summary>A loss that is no longer finite ended the training.</summary>
/// <typeparam name="TState">What was being trained.</typeparam>
public sealed class DivergenceException<TState> : DivergenceException
{
    internal DivergenceException(string stage, Divergence divergence, int instance, TState lastGood)
        : base(stage, divergence, instance) => LastGood = lastGood;

    /// <summary>The state at <see cref="DivergenceException.LastGoodStep"/>, whole and finite; what was trained beside it, as it was at the end.</summary>
    public TState LastGood { get; }
}

/// <summary>A loss that is no longer finite ended the training; the state before it is kept.</summary>
public abstract class DivergenceException : ArithmeticException
{
    private protected DivergenceException(string stage, Divergence divergence, int instance)
        : base($"The {stage}'s {divergence.Tensor} is not finite at step {divergence.Step}, instance {instance}. "
            + $"The state of step {divergence.LastGoodStep} is kept. Lower the learning rate, or look at the data's scale.") =>
        (Step, Instance, Tensor, LastGoodStep) = (divergence.Step, instance, divergence.Tensor, divergence.LastGoodStep);

    /// <summary>The step (1-based) whose loss was not finite, or the last, where the loss was not finite after it.</summary>
    public long Step { get; }

    /// <summary>Which instance; the first of those that diverged.</summary>
    public int Instance { get; }

    /// <summary>What is not finite: a parameter, or the loss of parameters that are.</summary>
    public string Tensor { get; }

    /// <summary>The step after which the kept state was taken; 0 is the initial state.</summary>
    public long LastGoodStep { get; }
}

namespace Superposition.Training;

/// <summary>A loss that is no longer finite ended the training.</summary>
/// <typeparam name="TState">What was being trained.</typeparam>
public sealed class DivergenceException<TState> : DivergenceException
{
    internal DivergenceException(string stage, long step, int instance, long lastGoodStep, TState lastGood)
        : base(stage, step, instance, lastGoodStep) => LastGood = lastGood;

    /// <summary>The state at <see cref="DivergenceException.LastGoodStep"/>, whole and finite.</summary>
    public TState LastGood { get; }
}

/// <summary>A loss that is no longer finite ended the training; the state before it is kept.</summary>
public abstract class DivergenceException : ArithmeticException
{
    private protected DivergenceException(string stage, long step, int instance, long lastGoodStep)
        : base($"The {stage}'s loss is not finite at step {step}, instance {instance}. The state of step {lastGoodStep} is kept. "
            + "Lower the learning rate, or look at the data's scale.") =>
        (Step, Instance, LastGoodStep) = (step, instance, lastGoodStep);

    /// <summary>The step (1-based) whose loss was not finite, or the last, where the loss was not finite after it.</summary>
    public long Step { get; }

    /// <summary>Which instance.</summary>
    public int Instance { get; }

    /// <summary>The step after which the kept state was taken; 0 is the initial state.</summary>
    public long LastGoodStep { get; }
}

namespace Superposition.Cli;

/// <summary>Stopped within an experiment when others of the same call had been done.</summary>
sealed class InterruptedExperimentException(string name, Exception inner) : OperationCanceledException(
    $"Interrupted; {name} left nothing, what was done before it is kept. The same command with --resume goes on with {name}.", inner);

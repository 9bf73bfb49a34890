namespace Superposition.Cli;

/// <summary>A sweep was interrupted; its journal says what is done.</summary>
sealed class InterruptedSweepException(string folder, Exception inner)
    : OperationCanceledException($"Interrupted; what was done is kept in {folder}. The same command again does what is left.", inner);

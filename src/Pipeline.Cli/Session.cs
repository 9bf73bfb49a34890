namespace Superposition.Cli;

/// <summary>What a verb needs of the world around it; tests hand it their own.</summary>
/// <param name="Output">Results, and progress where nobody watches a terminal.</param>
/// <param name="Error">One line for what went wrong.</param>
/// <param name="Interactive">A person sees the output as it comes, so a bar may redraw itself.</param>
/// <param name="Cancellation">Cancelled when the run is to stop.</param>
sealed record Session(TextWriter Output, TextWriter Error, bool Interactive, CancellationToken Cancellation);

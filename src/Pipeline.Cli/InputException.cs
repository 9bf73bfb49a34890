namespace Superposition.Cli;

/// <summary>A command line or recipe that cannot be used; the library's own errors cover what lies behind them.</summary>
sealed class InputException(string message, Exception? inner = null) : Exception(message, inner);

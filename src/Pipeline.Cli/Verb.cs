using System.CommandLine;

namespace Superposition.Cli;

/// <summary>A command with examples that its help ends with.</summary>
sealed class Verb(string name, string description, params string[] examples) : Command(name, description)
{
    /// <summary>Whole command lines, each fit to be pasted.</summary>
    public IReadOnlyList<string> Examples { get; } = examples;
}

namespace Superposition;

/// <summary>Options that cannot be used; every problem found is reported at once.</summary>
public sealed class OptionsException : ArgumentException
{
    /// <summary>One sentence a problem: the option, its value, what it must be.</summary>
    public IReadOnlyList<string> Problems { get; }

    internal OptionsException(string options, IReadOnlyList<string> problems)
        : base($"{options}: {string.Join(" ", problems)}") => Problems = problems;

    internal static void ThrowIfAny(string options, IEnumerable<string> problems)
    {
        var found = problems.ToArray();
        if (found.Length > 0) throw new OptionsException(options, found);
    }
}

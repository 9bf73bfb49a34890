using Superposition.Cli;
using Xunit;

namespace Superposition.Tests.Cli;

/// <summary>What the tool did: its exit code and what it said.</summary>
sealed record Tool(int Code, string Output, string Error)
{
    /// <summary>Runs it within this process, as it runs with its output redirected.</summary>
    public static Tool Run(params string[] arguments) => Run(TestContext.Current.CancellationToken, arguments);

    /// <summary>Runs it until it is done or cancelled.</summary>
    public static Tool Run(CancellationToken cancellation, params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = CommandLine.Run(arguments, new Session(output, error, Interactive: false, cancellation));
        return new(code, output.ToString(), error.ToString());
    }

    /// <summary>A toy model small enough to train in a moment.</summary>
    public static string[] SmallToy(string folder) =>
        ["toy", "--features", "3", "--dimensions", "2", "--density", "0.5", "--steps", "20", "--batch", "8", "--run", folder];
}

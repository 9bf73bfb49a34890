using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Superposition.Cli;

/// <summary>The library's help, then the examples of the verb.</summary>
sealed class HelpWithExamples(HelpAction help) : SynchronousCommandLineAction
{
    const string ExitCodes = "Exit codes: 0 done, 1 failed, 2 bad input, 75 interrupted.";

    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        var output = parseResult.InvocationConfiguration.Output;
        help.Invoke(parseResult);
        if (parseResult.CommandResult.Command is Verb { Examples.Count: > 0 } verb)
        {
            output.WriteLine("Examples:");
            foreach (var example in verb.Examples) output.WriteLine($"  {example}");
            output.WriteLine();
        }
        output.WriteLine(ExitCodes);
        return ExitCode.Done;
    }
}

using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Superposition.Cli;

/// <summary>The tool: its verbs, and how what they throw becomes a line and an exit code.</summary>
static class CommandLine
{
    public static int Run(IReadOnlyList<string> arguments, Session session)
    {
        var parsed = Root(session).Parse(arguments);
        var configuration = new InvocationConfiguration
        {
            Output = session.Output,
            Error = session.Error,
            EnableDefaultExceptionHandler = false,   // it would print a stack trace and return 1 for everything
        };
        if (parsed.Action is ParseErrorAction) return Refuse(parsed, session);
        try
        {
            return parsed.Invoke(configuration);
        }
        catch (Exception error)
        {
            var failure = Failure.Of(error);
            session.Error.WriteLine($"superposition: {failure.Line}");
            if (Environment.GetEnvironmentVariable("SUPERPOSITION_TRACE") == "1") session.Error.WriteLine(error);
            return failure.Code;
        }
    }

    static RootCommand Root(Session session)
    {
        var root = new RootCommand("Superposition: worlds of sparse features, toy models, sparse autoencoders, and what they hold.")
        {
            ToyVerb.Create(session),
            SaeVerb.Create(session),
            ShowVerb.Create(session),
            BenchmarkVerb.Create(session),
            ExportVerb.Create(session),
            BrowseVerb.Create(session),
            QuestionsVerb.Create(session),
            ExperimentVerb.Create(session),
            SweepVerb.Create(session),
            SweepWorkerVerb.Create(session),
            ProblemsVerb.Create(session),
            ReportVerb.Create(session),
        };
        foreach (var help in root.Options.OfType<HelpOption>())
            if (help.Action is HelpAction standard) help.Action = new HelpWithExamples(standard);
        return root;
    }

    static int Refuse(ParseResult parsed, Session session)
    {
        // Without a verb every word is foreign; the first says what went wrong.
        var verb = parsed.CommandResult.Command as Verb;
        var verbs = string.Join(", ", parsed.RootCommandResult.Command.Subcommands.Where(known => !known.Hidden).Select(known => known.Name));
        string[] errors = verb is not null
            ? [.. parsed.Errors.Select(error => error.Message)]
            : [$"expected a verb ({verbs}), found {(parsed.UnmatchedTokens is [var first, ..] ? $"\"{first}\"" : "none")}."];
        foreach (var error in errors) session.Error.WriteLine($"superposition: {error}");
        session.Error.WriteLine($"superposition: see superposition {(verb is null ? "" : verb.Name + " ")}--help.");
        return ExitCode.BadInput;
    }
}

using System.Reflection;
using System.Text.Json;
using Superposition.Analysis.Experiments;
using Superposition.DataViews;
using Superposition.Models;
using Superposition.Storage;
using Superposition.Training;

namespace Superposition.Cli;

/// <summary>How an error leaves the process: one line and an exit code.</summary>
/// <param name="Code">The exit code.</param>
/// <param name="Line">What was expected, what was found, where, what to do.</param>
sealed record Failure(int Code, string Line)
{
    public static Failure Of(Exception error)
    {
        var cause = Cause(error);
        return new(CodeOf(cause), TextOf(cause).ReplaceLineEndings(" "));
    }

    // Wrappers say where the runtime stood, not what went wrong.
    static Exception Cause(Exception error) =>
        error is AggregateException or TypeInitializationException or TargetInvocationException && error.InnerException is { } inner
            ? Cause(inner)
            : error;

    static int CodeOf(Exception cause) => cause switch
    {
        OperationCanceledException => ExitCode.Interrupted,
        InputException or OptionsException or InputDataException or HookException or StorageException => ExitCode.BadInput,
        UnknownExperimentException or JsonException => ExitCode.BadInput,
        FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException => ExitCode.BadInput,
        _ => ExitCode.Failed,
    };

    static string TextOf(Exception cause) => cause switch
    {
        InterruptedExperimentException or InterruptedTrainingException or InterruptedSweepException => cause.Message,
        OperationCanceledException => "Interrupted; nothing was written. Run the same command again to start over.",
        StorageException storage => storage.Summary,
        InputException or UnknownExperimentException => cause.Message,
        OptionsException or InputDataException or HookException or DivergenceException => $"{cause.GetType().Name.Split('`')[0]}: {cause.Message}",
        FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException => $"{cause.Message} Check the path.",
        _ => $"{cause.GetType().Name}: {cause.Message} Set SUPERPOSITION_TRACE=1 to see where.",
    };
}

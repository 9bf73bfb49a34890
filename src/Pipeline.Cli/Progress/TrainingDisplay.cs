using Spectre.Console;
using Superposition.Training;

namespace Superposition.Cli;

/// <summary>Shows a training while it goes: a bar for a person, lines for a log.</summary>
static class TrainingDisplay
{
    public static T During<T>(Session session, Func<IProgress<TrainingProgress>, T> train) =>
        session.Interactive ? ProgressBar.During(AnsiConsole.Console, train) : train(new ProgressLines(session.Output));
}

using Spectre.Console;
using Superposition.Training;

namespace Superposition.Cli;

/// <summary>A bar for each training under way.</summary>
sealed class ProgressBar(ProgressContext context) : IProgress<TrainingProgress>
{
    readonly Dictionary<string, ProgressTask> bars = [];

    public static T During<T>(IAnsiConsole console, Func<IProgress<TrainingProgress>, T> train) =>
        console.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new StandingColumn())
            .Start(context => train(new ProgressBar(context)));

    public void Report(TrainingProgress value)
    {
        lock (bars)   // several may train side by side
        {
            if (!bars.TryGetValue(value.Stage, out var bar))
                bars[value.Stage] = bar = context.AddTask(value.Stage, maxValue: value.Steps);
            bar.Tag = value;
            bar.Value = value.Step;
            if (value.Step < value.Steps) return;
            context.RemoveTask(bar);
            bars.Remove(value.Stage);
        }
    }
}

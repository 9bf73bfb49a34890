using Spectre.Console;
using Superposition.Training;

namespace Superposition.Cli;

/// <summary>One bar that moves with the training; another training takes its place.</summary>
sealed class ProgressBar(ProgressContext context) : IProgress<TrainingProgress>
{
    ProgressTask? bar;

    public static T During<T>(IAnsiConsole console, Func<IProgress<TrainingProgress>, T> train) =>
        console.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new StandingColumn())
            .Start(context => train(new ProgressBar(context)));

    public void Report(TrainingProgress value)
    {
        if (bar is null || bar.Description != value.Stage || value.Step < bar.Value)
        {
            if (bar is not null) context.RemoveTask(bar);
            bar = context.AddTask(value.Stage, maxValue: value.Steps);
        }
        bar.Tag = value;
        bar.Value = value.Step;
    }
}

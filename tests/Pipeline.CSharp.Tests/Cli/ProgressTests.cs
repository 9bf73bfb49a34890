using Spectre.Console;
using Superposition.Cli;
using Superposition.Training;
using Xunit;

namespace Superposition.Tests.Cli;

public sealed class ProgressTests
{
    static TrainingProgress At(long step, long steps = 1000, string stage = "toy model") =>
        new(stage, step, steps, 0.5, TimeSpan.FromSeconds(step));

    [Fact]
    public void A_log_gets_a_line_each_tenth_of_the_way()
    {
        using var log = new StringWriter();
        var lines = new ProgressLines(log);

        for (var step = 1; step <= 1000; step += 3) lines.Report(At(step));

        Assert.Equal(10, Lines(log).Length);
        Assert.Equal("toy model: step 100 of 1000, loss 0.5, 100.0 s", Lines(log)[0]);
        Assert.Equal("toy model: step 1000 of 1000, loss 0.5, 1000.0 s", Lines(log)[^1]);
    }

    [Fact]
    public void A_training_of_few_steps_says_each_once()
    {
        using var log = new StringWriter();
        var lines = new ProgressLines(log);

        for (var step = 1; step <= 3; step++) lines.Report(At(step, 3));

        Assert.Equal(3, Lines(log).Length);
    }

    [Fact]
    public void The_next_training_begins_anew()
    {
        using var log = new StringWriter();
        var lines = new ProgressLines(log);

        foreach (var stage in new[] { "one", "two", "two" })
            for (var step = 1; step <= 1000; step++)
                lines.Report(At(step, stage: stage));

        Assert.Equal(30, Lines(log).Length);
    }

    [Fact]
    public void A_person_sees_a_bar_with_step_loss_and_time_left()
    {
        using var screen = new StringWriter();
        var console = AnsiConsole.Create(new()
        {
            Ansi = AnsiSupport.Yes,
            Interactive = InteractionSupport.Yes,
            Out = new AnsiConsoleOutput(screen),
        });
        console.Profile.Width = 120;

        var answer = ProgressBar.During(console, progress =>
        {
            for (var step = 1; step <= 1000; step++) progress.Report(At(step));
            progress.Report(At(250, stage: "sparse autoencoder"));
            return 42;
        });

        Assert.Equal(42, answer);
        Assert.Contains("sparse autoencoder", screen.ToString());
        Assert.Contains("step 250 of 1000, loss 0.5, 750 s left", screen.ToString());
    }

    static string[] Lines(StringWriter log) => log.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}

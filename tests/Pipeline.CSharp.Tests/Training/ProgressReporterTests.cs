using CsCheck;
using Microsoft.ML;
using Microsoft.ML.Runtime;
using Superposition.DataViews;
using Superposition.Training;
using Xunit;

namespace Superposition.Tests.Training;

public sealed class ProgressReporterTests
{
    [Fact]
    public void The_log_hears_each_tenth_of_the_way_and_the_last_step() => Gen.Int[1, 500].Sample(steps =>
    {
        var (lines, _) = Run(steps, CancellationToken.None);
        Assert.Equal(Math.Min(steps, 10), lines.Count);
        Assert.Contains($"step {steps} of {steps}, loss 0.25", lines[^1], StringComparison.Ordinal);
    });

    [Fact]
    public void A_listener_hears_the_first_and_the_last_step_in_order() => Gen.Int[1, 500].Sample(steps =>
    {
        var (_, heard) = Run(steps, CancellationToken.None);
        Assert.Equal(1, heard[0].Step);
        Assert.Equal(steps, heard[^1].Step);
        Assert.Equal(heard.Select(p => p.Step).Distinct().Order(), heard.Select(p => p.Step));
        Assert.All(heard, p => Assert.Equal(("stage", (long)steps, 0.25), (p.Stage, p.Steps, p.Loss)));
    });

    [Fact]
    public void A_listener_is_told_at_most_ten_times_a_second()
    {
        var (_, heard) = Run(1_000_000, CancellationToken.None);   // a good second's fraction of work
        var seconds = heard[^1].Elapsed.TotalSeconds;
        Assert.InRange(heard.Count, 1, 2 + 10 * seconds);
    }

    [Fact]
    public void A_cancelled_token_stops_at_the_next_step()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();
        var error = Assert.Throws<OperationCanceledException>(() => Run(10, source.Token));
        Assert.Equal(source.Token, error.CancellationToken);
    }

    [Fact]
    public void A_line_reads_the_same_in_every_culture() =>
        Assert.Equal(
            "toy model: step 10 of 20, loss 0.05, 1.5 s",
            new TrainingProgress("toy model", 10, 20, 0.05, TimeSpan.FromSeconds(1.5)).ToString());

    static (List<string> Log, List<TrainingProgress> Heard) Run(int steps, CancellationToken cancellation)
    {
        var (log, listener) = (new List<string>(), new Listener());
        var ml = new MLContext();
        ml.Log += (_, message) =>
        {
            if (message.Source == "test" && message.Kind == ChannelMessageKind.Info) log.Add(message.RawMessage);
        };
        using (var channel = ml.Transforms.Environment().Start("test"))
        {
            var reporter = new ProgressReporter("stage", steps, channel, listener, cancellation);
            for (var step = 1; step <= steps; step++) reporter.Step(step, 0.25);
        }
        return (log, listener.Heard);
    }

    // System.Progress would call back on other threads.
    sealed class Listener : IProgress<TrainingProgress>
    {
        public List<TrainingProgress> Heard { get; } = [];
        public void Report(TrainingProgress value) => Heard.Add(value);
    }
}

using System.Diagnostics;
using Superposition.Training;

namespace Superposition.Cli;

/// <summary>How fast a training goes, what is done beside it not counted.</summary>
sealed class Pace(int batchSize) : IProgress<TrainingProgress>
{
    readonly Stopwatch clock = new();
    IProgress<TrainingProgress>? next;
    long first, last;
    TimeSpan lastSeen;

    /// <summary>Rows a second from the first step that was told of to the last; NaN before there are two.</summary>
    public double SamplesPerSecond => last > first ? (last - first) * batchSize / lastSeen.TotalSeconds : double.NaN;

    /// <summary>Listens, and passes on.</summary>
    public IProgress<TrainingProgress> Before(IProgress<TrainingProgress> listener)
    {
        next = listener;
        return this;
    }

    public void Report(TrainingProgress value)
    {
        if (first == 0)
        {
            first = value.Step;
            clock.Start();
        }
        (last, lastSeen) = (value.Step, clock.Elapsed);
        next?.Report(value);
    }

    /// <summary>Does something that is not training.</summary>
    public void Without(Action other)
    {
        clock.Stop();
        other();
        clock.Start();
    }
}

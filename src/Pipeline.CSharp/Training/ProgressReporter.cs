using System.Diagnostics;
using Microsoft.ML.Runtime;

namespace Superposition.Training;

/// <summary>Tells a listener often and the ML.NET log every tenth of the way how a training goes, and stops it when asked to.</summary>
internal sealed class ProgressReporter(
    string stage, long steps, IChannel? channel, IProgress<TrainingProgress>? listener, CancellationToken cancellation)
{
    static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);
    readonly Stopwatch clock = Stopwatch.StartNew();
    TimeSpan told = TimeSpan.MinValue;

    /// <summary>Called after each step, 1-based.</summary>
    /// <exception cref="OperationCanceledException">The options' token was cancelled.</exception>
    public void Step(long step, double? loss)
    {
        cancellation.ThrowIfCancellationRequested();
        var toLog = step == steps || step * 10 / steps != (step - 1) * 10 / steps;
        var toListener = listener is not null && (step == steps || clock.Elapsed - Interval > told);
        if (!toLog && !toListener) return;
        var progress = new TrainingProgress(stage, step, steps, loss, clock.Elapsed);
        if (toLog) channel?.Info(MessageSensitivity.None, "{0}", progress);
        if (!toListener) return;
        told = clock.Elapsed;
        listener!.Report(progress);
    }
}

using Superposition.Training;

namespace Superposition.Cli;

/// <summary>A line each tenth of the way, so that a log of many hours stays short.</summary>
sealed class ProgressLines(TextWriter output) : IProgress<TrainingProgress>
{
    string? stage;
    long written;   // the tenth that was written last

    public void Report(TrainingProgress value)
    {
        var tenth = value.Step * 10 / value.Steps;
        if (value.Stage != stage || tenth < written) (stage, written) = (value.Stage, 0);   // another training has begun
        if (tenth == written) return;
        written = tenth;
        output.WriteLine(value);
        output.Flush();
    }
}

using Superposition.Training;

namespace Superposition.Cli;

/// <summary>A line each tenth of the way, so that a log of many hours stays short.</summary>
sealed class ProgressLines(TextWriter output) : IProgress<TrainingProgress>
{
    readonly Dictionary<string, long> written = [];   // by stage, the tenth that was written last

    public void Report(TrainingProgress value)
    {
        lock (written)   // several may train side by side
        {
            var tenth = value.Step * 10 / value.Steps;
            if (tenth == written.GetValueOrDefault(value.Stage)) return;
            written[value.Stage] = tenth % 10;   // a stage that is done may come again
            if (tenth == 0) return;
            output.WriteLine(value);
            output.Flush();
        }
    }
}

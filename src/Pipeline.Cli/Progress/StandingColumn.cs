using Spectre.Console;
using Spectre.Console.Rendering;
using Superposition.Training;

namespace Superposition.Cli;

/// <summary>Step, loss, and the time left if it goes on as it went.</summary>
sealed class StandingColumn : ProgressColumn
{
    protected override bool NoWrap => true;

    public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
        new Text(task.Tag is TrainingProgress standing ? Words(standing) : "");

    internal static string Words(TrainingProgress standing)
    {
        var left = standing.Elapsed * ((double)(standing.Steps - standing.Step) / Math.Max(1, standing.Step));
        return FormattableString.Invariant($"{standing.Standing}, {Math.Ceiling(left.TotalSeconds):F0} s left");
    }
}

using System.CommandLine;
using Superposition.Sweeps;

namespace Superposition.Cli;

/// <summary><c>superposition sweep</c>: trains every cell of a plan, and goes on where it was interrupted.</summary>
static class SweepVerb
{
    public static Command Create(Session session)
    {
        var verb = new Verb("sweep", "Train toy models over axes of options; the same command again does what is left.",
            "superposition sweep plan.json --run runs/sweep");
        var plan = new Argument<string>("plan.json") { Description = "A base recipe and axes over its fields." };
        var folder = Values.Text("--run", "DIR", "The sweep's folder, new or with this plan in it.");
        folder.Required = true;
        verb.Arguments.Add(plan);
        verb.Options.Add(folder);
        verb.SetAction(result => Run(RecipeFile.Read<SweepPlan>(result.GetRequiredValue(plan)), result.GetRequiredValue(folder), session));
        return verb;
    }

    static int Run(SweepPlan plan, string folder, Session session)
    {
        var summary = Interruptible(folder, () => TrainingDisplay.During(session, progress => Sweep.Run(plan, folder, progress, session.Cancellation)));
        session.Output.WriteLine($"{folder}: {summary.Cells} cells, {summary.Cells - summary.Failed} done, {summary.Failed} failed");
        return summary.Failed == 0 ? ExitCode.Done : ExitCode.Failed;
    }

    static SweepSummary Interruptible(string folder, Func<SweepSummary> sweep)
    {
        try
        {
            return sweep();
        }
        catch (OperationCanceledException error)
        {
            throw new InterruptedSweepException(folder, error);
        }
    }
}

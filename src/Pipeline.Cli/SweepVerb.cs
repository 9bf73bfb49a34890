using System.CommandLine;
using Superposition.Sweeps;

namespace Superposition.Cli;

/// <summary><c>superposition sweep</c>: trains every cell of a plan, and goes on where it was interrupted.</summary>
static class SweepVerb
{
    public static Command Create(Session session)
    {
        var verb = new Verb("sweep", "Train toy models or autoencoders over axes of options; the same command again does what is left.",
            "superposition sweep plan.json --run runs/sweep",
            "superposition sweep plan.json --run runs/sweep --engine local --workers 4",
            "superposition sweep plan.json --run /shared/sweep --engine slurm --workers 100 --slurm=--time=60");
        var plan = new Argument<string>("plan.json") { Description = "A base recipe and axes over its fields." };
        var folder = Values.Text("--run", "DIR", "The sweep's folder, new or with this plan in it.");
        folder.Required = true;
        var engine = Values.Choice("--engine", "NAME", "Who trains: this process, processes of this machine, or an array job of Slurm.", ["in-process", "local", "slurm"]);
        var workers = Values.Whole<int>("--workers", "N", "Processes, or tasks of the array; the machine's cores unless it is said.");
        var slurm = new Option<string[]>("--slurm") { Description = "An option for sbatch, such as --slurm=--time=60; may be given again.", HelpName = "OPTION" };
        verb.Arguments.Add(plan);
        foreach (var option in new Option[] { folder, engine, workers, slurm }) verb.Options.Add(option);
        verb.Validators.Add(result =>
        {
            if (result.GetResult(workers) is not null && result.GetValue(workers) < 1) result.AddError($"--workers is {result.GetValue(workers)}; it must be at least 1.");
            if (result.GetResult(workers) is not null && result.GetValue(engine) is null or "in-process") result.AddError("--workers: expected --engine local or slurm. Leave it out, or name one.");
            if (result.GetResult(slurm) is not null && result.GetValue(engine) != "slurm") result.AddError("--slurm: expected --engine slurm. Leave it out, or name it.");
        });
        verb.SetAction(result => Run(
            RecipeFile.Read<SweepPlan>(result.GetRequiredValue(plan)), result.GetRequiredValue(folder),
            Engine(result.GetValue(engine), result.GetResult(workers) is null ? Environment.ProcessorCount : result.GetValue(workers), result.GetValue(slurm) ?? []), session));
        return verb;
    }

    static SweepEngine Engine(string? name, int workers, string[] slurm) => name switch
    {
        "local" => new LocalEngine(workers, Worker()),
        "slurm" => new SlurmEngine(workers, Worker(), slurm),
        _ => new InProcessEngine(),
    };

    // This program again; where it runs by the host dotnet, with its own assembly.
    static WorkerCommand Worker()
    {
        var program = Environment.ProcessPath!;
        string[] self = Path.GetFileNameWithoutExtension(program) == "dotnet" ? [typeof(SweepVerb).Assembly.Location] : [];
        return new(program, [.. self, SweepWorkerVerb.Name]);
    }

    static int Run(SweepPlan plan, string folder, SweepEngine engine, Session session)
    {
        var summary = Interruptible(folder, () => TrainingDisplay.During(session, progress => Sweep.Run(plan, folder, engine, progress, session.Cancellation)));
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

using System.CommandLine;
using Superposition.Analysis.Experiments;
using Superposition.Storage;
using Superposition.Training;

namespace Superposition.Cli;

/// <summary><c>superposition experiment</c>: trains, measures, and prints what became of each claim.</summary>
static class ExperimentVerb
{
    /// <summary>What is asked of every experiment of a call.</summary>
    sealed record Request(string Runs, string Data, Scale Scale, bool Overwrite, bool Resume)
    {
        public string Folder(Experiment experiment) => Path.Combine(Runs, experiment.Name);

        public RunSettings Settings(Experiment experiment, IProgress<TrainingProgress> progress, CancellationToken cancellation) =>
            new(Folder(experiment), Overwrite, Scale, Data, progress, cancellation);
    }

    public static Command Create(Session session)
    {
        var verb = new Verb("experiment", "Run experiments: train, measure, and print their claims, one a line.",
            "superposition experiment --list",
            "superposition experiment E1 words --runs runs",
            "superposition experiment --all --quick --runs runs --overwrite",
            "superposition experiment --all --full --runs runs --resume");
        var names = new Argument<string[]>("name") { Description = "Which ones, in upper or lower case.", Arity = ArgumentArity.ZeroOrMore };
        var all = new Option<bool>("--all") { Description = "All of them, in the order of the report; those that take long only with --quick or --full." };
        var list = new Option<bool>("--list") { Description = "Print their names and titles, part by part, and run none." };
        var quick = new Option<bool>("--quick") { Description = "Seconds: to see that it works; too little for the claims." };
        var full = new Option<bool>("--full") { Description = "As the claims are stated; may take hours." };
        var runs = Values.Text("--runs", "DIR", "Each run is written to a folder of its experiment's name in here.");
        var data = Values.Text("--data", "DIR", "The folder of real inputs.");
        var overwrite = new Option<bool>("--overwrite") { Description = "Replace runs that lie there." };
        var resume = new Option<bool>("--resume") { Description = "Keep runs that lie there whole and are what would be made; run the others." };
        data.DefaultValueFactory = _ => "data";
        verb.Arguments.Add(names);
        foreach (var option in new Option[] { all, list, quick, full, runs, data, overwrite, resume }) verb.Options.Add(option);
        verb.Validators.Add(result =>
        {
            var ways = new[] { result.GetResult(names) is { Tokens.Count: > 0 }, result.GetValue(all), result.GetValue(list) };
            if (ways.Count(way => way) != 1) result.AddError("Expected the name of an experiment, --all or --list.");
            if (result.GetValue(quick) && result.GetValue(full)) result.AddError("Expected --quick or --full, found both.");
            if (!result.GetValue(list) && result.GetResult(runs) is null) result.AddError("Expected --runs, the folder to write to.");
        });
        verb.SetAction(result =>
        {
            if (result.GetValue(list)) List(session);
            else
                Run(result.GetValue(all) ? Asked(result.GetValue(quick), result.GetValue(full)) : Named(result.GetRequiredValue(names)),
                    new(result.GetRequiredValue(runs), result.GetRequiredValue(data),
                        result.GetValue(quick) ? Scale.Quick : result.GetValue(full) ? Scale.Full : Scale.Daily,
                        result.GetValue(overwrite), result.GetValue(resume)),
                    session);
        });
        return verb;
    }

    // Daily, the long ones are left to their dated results.
    static Experiment[] Asked(bool quick, bool full) => [.. Catalog.all.Where(experiment => quick || full || !experiment.IsLong)];

    static Experiment[] Named(string[] names) => [.. names.Select(Catalog.find).DistinctBy(experiment => experiment.Name)];

    static void List(Session session)
    {
        var width = Catalog.all.Max(experiment => experiment.Name.Length);
        foreach (var part in Catalog.all.GroupBy(experiment => experiment.Part))
        {
            session.Output.WriteLine(part.Key.Title);
            foreach (var experiment in part) session.Output.WriteLine($"  {experiment.Name.PadRight(width)}  {experiment.Title}");
        }
    }

    static void Run(Experiment[] experiments, Request request, Session session)
    {
        (Experiment Experiment, bool IsKept)[] plan =
            [.. experiments.Select(e => (e, request.Resume && Laboratory.holds(request.Folder(e), request.Scale, e)))];
        // A folder that is taken is refused before the first training, not after the last.
        foreach (var (experiment, isKept) in plan)
            if (!isKept) new RunFolderWriter(request.Folder(experiment), request.Overwrite).Dispose();
        foreach (var (experiment, isKept) in plan)
            try
            {
                if (isKept) session.Output.WriteLine($"{experiment.Name}: skipped, {request.Folder(experiment)} holds it as it would be made.");
                else Run(experiment, request, session);
            }
            catch (Exception error) when (experiment.Name != plan[0].Experiment.Name && Failure.Of(error).Code == ExitCode.Interrupted)
            {
                throw new InterruptedExperimentException(experiment.Name, error);
            }
    }

    static void Run(Experiment experiment, Request request, Session session)
    {
        session.Output.WriteLine($"{experiment.Name}: {experiment.Title}");
        var claims = TrainingDisplay.During(
            session, progress => experiment.Run.Invoke(request.Settings(experiment, progress, session.Cancellation)));
        foreach (var claim in claims) session.Output.WriteLine(claim);
    }
}

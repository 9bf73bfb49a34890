using System.CommandLine;
using Superposition.Analysis.Experiments;

namespace Superposition.Cli;

/// <summary><c>superposition experiment</c>: trains, measures, and prints what became of each claim.</summary>
static class ExperimentVerb
{
    public static Command Create(Session session)
    {
        var verb = new Verb("experiment", "Run an experiment: train, measure, and print its claims, one a line.",
            "superposition experiment --list",
            "superposition experiment introduction --runs runs",
            "superposition experiment --all --quick --runs runs --overwrite");
        var name = new Argument<string?>("name") { Description = "Which one.", Arity = ArgumentArity.ZeroOrOne };
        var all = new Option<bool>("--all") { Description = "All of them, in the order of the report; those that take long only with --quick or --full." };
        var list = new Option<bool>("--list") { Description = "Print their names and titles, and run none." };
        var quick = new Option<bool>("--quick") { Description = "Seconds: to see that it works; too little for the claims." };
        var full = new Option<bool>("--full") { Description = "As the claims are stated; may take hours." };
        var runs = Values.Text("--runs", "DIR", "Each run is written to a folder of its experiment's name in here.");
        var data = Values.Text("--data", "DIR", "The folder of real inputs.");
        var overwrite = new Option<bool>("--overwrite") { Description = "Replace runs that lie there." };
        data.DefaultValueFactory = _ => "data";
        verb.Arguments.Add(name);
        foreach (var option in new Option[] { all, list, quick, full, runs, data, overwrite }) verb.Options.Add(option);
        verb.Validators.Add(result =>
        {
            var ways = new[] { result.GetResult(name) is { Tokens.Count: > 0 }, result.GetValue(all), result.GetValue(list) };
            if (ways.Count(way => way) != 1) result.AddError("Expected the name of an experiment, --all or --list.");
            if (result.GetValue(quick) && result.GetValue(full)) result.AddError("Expected --quick or --full, found both.");
            if (!result.GetValue(list) && result.GetResult(runs) is null) result.AddError("Expected --runs, the folder to write to.");
        });
        verb.SetAction(result =>
        {
            if (result.GetValue(list)) List(session);
            else
                foreach (var experiment in result.GetValue(all) ? Asked(result.GetValue(quick), result.GetValue(full)) : [Catalog.find(result.GetRequiredValue(name)!)])
                    Run(experiment, session, progress => new RunSettings(
                        Path.Combine(result.GetRequiredValue(runs), experiment.Name), result.GetValue(overwrite),
                        result.GetValue(quick) ? Scale.Quick : result.GetValue(full) ? Scale.Full : Scale.Daily,
                        result.GetRequiredValue(data), progress, session.Cancellation));
        });
        return verb;
    }

    // Daily, the long ones are left to their dated results.
    static IEnumerable<Experiment> Asked(bool quick, bool full) => Catalog.all.Where(experiment => quick || full || !experiment.IsLong);

    static void List(Session session)
    {
        var width = Catalog.all.Max(experiment => experiment.Name.Length);
        foreach (var experiment in Catalog.all) session.Output.WriteLine($"{experiment.Name.PadRight(width)}  {experiment.Title}");
    }

    static void Run(Experiment experiment, Session session, Func<IProgress<Training.TrainingProgress>, RunSettings> settings)
    {
        session.Output.WriteLine($"{experiment.Name}: {experiment.Title}");
        var claims = TrainingDisplay.During(session, progress => experiment.Run.Invoke(settings(progress)));
        foreach (var claim in claims) session.Output.WriteLine(claim);
    }
}

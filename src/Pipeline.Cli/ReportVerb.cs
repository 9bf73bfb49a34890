using System.CommandLine;
using Superposition.Analysis.Experiments;

namespace Superposition.Cli;

/// <summary><c>superposition report</c>: one page out of run folders.</summary>
static class ReportVerb
{
    public static Command Create(Session session)
    {
        var verb = new Verb("report", "Write one page of all experiments that have a run; it needs no network to be read.",
            "superposition report --output report.html",
            "superposition report --runs runs --output report.html");
        var runs = Values.Text("--runs", "DIR", "Where superposition experiment left its runs.");
        var results = Values.Text("--results", "DIR", "Dated results, for experiments without a run.");
        var output = Values.Text("--output", "FILE", "The page.");
        runs.DefaultValueFactory = _ => "artifacts/runs";
        results.DefaultValueFactory = _ => "data/results";
        output.Required = true;
        foreach (var option in new Option[] { runs, results, output }) verb.Options.Add(option);
        verb.SetAction(result =>
        {
            Laboratory.write(result.GetRequiredValue(runs), result.GetRequiredValue(results), result.GetRequiredValue(output));
            session.Output.WriteLine(result.GetRequiredValue(output));
        });
        return verb;
    }
}

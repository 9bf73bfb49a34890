using System.CommandLine;
using Superposition.Analysis.Experiments;

namespace Superposition.Cli;

/// <summary><c>superposition problems</c>: the list of open problems, and what was found on each.</summary>
static class ProblemsVerb
{
    public static Command Create(Session session)
    {
        var verb = new Verb("problems", "Print the 45 open problems on superposition of Neel Nanda's list: which are answered, and by what.",
            "superposition problems",
            "superposition problems 4.7 --runs runs");
        var number = new Argument<string?>("number")
        {
            Description = "One of them, such as 4.7, with what was found.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var runs = Values.Text("--runs", "DIR", "Where superposition experiment left its runs.");
        var results = Values.Text("--results", "DIR", "Dated results, for experiments without a run.");
        runs.DefaultValueFactory = _ => "artifacts/runs";
        results.DefaultValueFactory = _ => "data/results";
        verb.Arguments.Add(number);
        foreach (var option in new Option[] { runs, results }) verb.Options.Add(option);
        verb.SetAction(result =>
        {
            var folder = result.GetRequiredValue(runs);
            if (result.GetValue(number) is not { } asked) ProblemTable.Write(session.Output, Problems.all, folder);
            else
            {
                var problem = Named(asked);
                ProblemTable.Write(session.Output, problem, folder, Finding(problem, folder, result.GetRequiredValue(results)));
            }
        });
        return verb;
    }

    static Problem Named(string number) => Problems.all.FirstOrDefault(problem => problem.Number == number)
        ?? throw new InputException($"There is no problem \"{number}\"; they are numbered {Problems.all.First().Number} to {Problems.all.Last().Number}.");

    // An experiment's finding stands in the section that the report has of it.
    static string? Finding(Problem problem, string runs, string results) =>
        problem.Experiment is { } name && Laboratory.section(runs, results, Catalog.find(name.Value)) is { } section
            ? section.Value.Lead
            : null;
}

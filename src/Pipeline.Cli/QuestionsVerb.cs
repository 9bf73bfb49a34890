using System.CommandLine;
using Superposition.Analysis.Experiments;

namespace Superposition.Cli;

/// <summary><c>superposition questions</c>: asks the questions of superposition of a language model, and prints each answer beside its null.</summary>
static class QuestionsVerb
{
    public static Command Create(Session session)
    {
        var verb = new Verb("questions", "Ask a language model how much superposition it has, and the other questions, each beside what chance gives.",
            "superposition questions --run runs/questions",
            "superposition questions --hook blocks.4.hook_resid_post --run runs/last-block",
            "superposition questions --model downloaded/tinystories-1M --quick --run runs/quick");
        var model = Values.Text("--model", "DIR", "The model; by default stories260K of the folder of real inputs.");
        var hook = Values.Text("--hook", "NAME", "The residual stream after a block. Default blocks.2.hook_resid_post.");
        var quick = new Option<bool>("--quick") { Description = "Seconds: to see that it works; too little for an answer." };
        var data = Values.Text("--data", "DIR", "The folder of real inputs.");
        data.DefaultValueFactory = _ => "data";
        foreach (var option in new Option[] { model, hook, quick, data }) verb.Options.Add(option);
        var target = new RunTargetOptions(verb);
        verb.SetAction(result =>
        {
            var (folder, overwrite) = target.Of(result);
            var scale = result.GetValue(quick) ? Scale.Quick : Scale.Full;
            var recipe = RealQuestions.recipeFor(scale, result.GetValue(model), result.GetValue(hook));
            var answers = TrainingDisplay.During(session, progress =>
                RealQuestions.ask(new(folder, overwrite, scale, result.GetRequiredValue(data), progress, session.Cancellation), recipe));
            foreach (var answer in answers) session.Output.WriteLine(answer);
        });
        return verb;
    }
}

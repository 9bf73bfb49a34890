using System.CommandLine;
using System.Text.RegularExpressions;
using Superposition.Analysis.Experiments;
using Superposition.Storage;

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
        verb.Validators.Add(result =>
        {
            if (result.GetValue(hook) is { } name && !Regex.IsMatch(name, @"^blocks\.\d+\.hook_resid_post$"))
                result.AddError($"--hook: expected the residual stream after a block, such as blocks.2.hook_resid_post, found \"{name}\".");
        });
        verb.SetAction(result =>
        {
            var (folder, overwrite) = target.Of(result);
            new RunFolderWriter(folder, overwrite).Dispose();   // a folder that is taken is refused before anything is trained
            var scale = result.GetValue(quick) ? Scale.Quick : Scale.Full;
            var recipe = RealQuestions.recipeFor(scale, result.GetValue(model), result.GetValue(hook));
            var answers = TrainingDisplay.During(session, progress =>
                RealQuestions.ask(new(folder, overwrite, scale, result.GetRequiredValue(data), progress, session.Cancellation), recipe));
            foreach (var answer in answers) session.Output.WriteLine(answer);
        });
        return verb;
    }
}

using System.CommandLine;
using Superposition.Training;

namespace Superposition.Cli;

/// <summary>How a training is saved on its way and goes on: <c>[--resume] [--checkpoint-every SECONDS]</c>.</summary>
sealed class CheckpointCommandOptions
{
    readonly Option<bool> resume = new("--resume") { Description = "Go on from the checkpoint of a training that was stopped, if there is one." };
    readonly Option<double> every = Values.Number("--checkpoint-every", "s", "Seconds between two checkpoints; 60, or more where saving takes long.");

    /// <param name="verb">Whose options they are.</param>
    public CheckpointCommandOptions(Command verb)
    {
        verb.Options.Add(resume);
        verb.Options.Add(every);
    }

    /// <summary>Whether to go on, and how checkpoints are left; damaged ones are told of.</summary>
    public (bool Resume, CheckpointOptions Checkpoints) Of(ParseResult result, Session session)
    {
        var checkpoints = new CheckpointOptions { Skipped = message => session.Error.WriteLine($"superposition: {message}") };
        if (result.GetResult(every) is not null) checkpoints = checkpoints with { Every = TimeSpan.FromSeconds(result.GetValue(every)) };
        return (result.GetValue(resume), checkpoints);
    }
}

using System.CommandLine;
using Superposition.Storage;

namespace Superposition.Cli;

/// <summary><c>superposition show</c>: what a run folder holds.</summary>
static class ShowVerb
{
    public static Command Create(Session session)
    {
        var verb = new Verb("show", "Print what a run folder holds, having checked its files against their hashes.",
            "superposition show runs/pentagon");
        var folder = new Argument<string>("DIR") { Description = "The folder of a run." };
        verb.Arguments.Add(folder);
        verb.SetAction(result => RunDescription.Write(session.Output, RunFolder.Open(result.GetRequiredValue(folder))));
        return verb;
    }
}

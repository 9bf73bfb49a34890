using System.CommandLine;
using Superposition.Sweeps;

namespace Superposition.Cli;

/// <summary><c>superposition sweep-worker</c>: what the engines of <see cref="SweepVerb"/> start; nobody types it.</summary>
static class SweepWorkerVerb
{
    public const string Name = "sweep-worker";

    public static Command Create(Session session)
    {
        var verb = new Verb(Name, "Train one shard of a sweep that another process drives.", $"superposition {Name} --run runs/sweep --shard 0 --shards 2") { Hidden = true };
        var folder = Values.Text("--run", "DIR", "The sweep's folder.");
        var shard = Values.Whole<int>("--shard", "I", "Which, from 0.");
        var shards = Values.Whole<int>("--shards", "N", "Of how many.");
        foreach (var option in new Option[] { folder, shard, shards })
        {
            option.Required = true;
            verb.Options.Add(option);
        }
        verb.SetAction(result => SweepWorker.Run(
            result.GetRequiredValue(folder), result.GetRequiredValue(shard), result.GetRequiredValue(shards), session.Cancellation));
        return verb;
    }
}

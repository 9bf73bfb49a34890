using System.CommandLine;

namespace Superposition.Cli;

/// <summary>Where a verb leaves its run: <c>--run DIR [--overwrite]</c>.</summary>
sealed class RunTargetOptions
{
    readonly Option<string> folder = Values.Text("--run", "DIR", "The folder the run is written to; it must not be there yet.");
    readonly Option<bool> overwrite = new("--overwrite") { Description = "Replace the run that lies there." };

    public RunTargetOptions(Command verb)
    {
        folder.Required = true;
        verb.Validators.Add(result =>   // said with what else is missing: the parser alone looks for it last
        {
            if (result.GetResult(folder) is null) result.AddError("Expected --run, the folder to write to; found none.");
        });
        verb.Options.Add(folder);
        verb.Options.Add(overwrite);
    }

    public (string Folder, bool Overwrite) Of(ParseResult result) => (result.GetRequiredValue(folder), result.GetValue(overwrite));
}

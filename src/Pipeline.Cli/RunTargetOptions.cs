using System.CommandLine;

namespace Superposition.Cli;

/// <summary>Where a verb leaves its run: <c>--run DIR [--overwrite]</c>.</summary>
sealed class RunTargetOptions
{
    readonly Option<string> folder = Values.Text("--run", "DIR", "The folder the run is written to; it must not be there yet.");
    readonly Option<bool> overwrite = new("--overwrite") { Description = "Replace the run that lies there." };

    /// <param name="verb">Whose options they are.</param>
    /// <param name="instead">Where this one is given, no run is written.</param>
    public RunTargetOptions(Command verb, Option? instead = null)
    {
        folder.Required = instead is null;
        verb.Validators.Add(result =>   // said with what else is missing: the parser alone looks for it last
        {
            if (instead is not null && result.GetResult(instead) is not null)
            {
                if (result.GetResult(folder) is not null) result.AddError($"{instead.Name} trains nothing: leave {folder.Name} out.");
            }
            else if (result.GetResult(folder) is null) result.AddError("Expected --run, the folder to write to; found none.");
        });
        verb.Options.Add(folder);
        verb.Options.Add(overwrite);
    }

    public (string Folder, bool Overwrite) Of(ParseResult result) => (result.GetRequiredValue(folder), result.GetValue(overwrite));
}

using System.CommandLine;
using Superposition.Analysis;
using Superposition.Autoencoders;

namespace Superposition.Cli;

/// <summary><c>superposition browse</c>: a page to look through the latents of a run.</summary>
static class BrowseVerb
{
    public static Command Create(Session session)
    {
        var verb = new Verb("browse", "Write a page to look through the latents of a run of superposition sae; it needs no network to be read.",
            "superposition browse runs/words --out words.html",
            "superposition browse runs/pentagon-sae --out pentagon.html --rows 20000");
        var run = new Argument<string>("RUN") { Description = "A run of superposition sae; what it was trained on must still lie where its recipe says." };
        var output = Values.Text("--out", "FILE", "The page.");
        var rows = Values.Whole<int>("--rows", "N", "Rows to look at, the first of an array or of a world.");
        var seed = Values.Whole<int>("--seed", "S", "What examples are drawn by.");
        output.Required = true;
        rows.DefaultValueFactory = _ => RunBrowser.DefaultRows;
        seed.DefaultValueFactory = _ => EvidenceOptions.Default.Seed;
        verb.Arguments.Add(run);
        foreach (var option in new Option[] { output, rows, seed }) verb.Options.Add(option);
        verb.SetAction(result => Browse(
            result.GetRequiredValue(run), result.GetRequiredValue(output), result.GetValue(rows), result.GetValue(seed), session));
        return verb;
    }

    static void Browse(string path, string output, int rows, int seed, Session session)
    {
        if (rows < 1) throw new InputException($"--rows: expected at least 1, found {rows}.");
        var page = RunBrowser.page(EvidenceOptions.Default.WithSeed(seed), rows, SparseAutoencoderRun.Read(path));
        FeatureBrowser.write(output, page);
        session.Output.WriteLine($"{output}: {page.Latents.Length} latents of {path}");
    }
}

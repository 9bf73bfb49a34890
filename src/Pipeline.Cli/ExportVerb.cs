using System.CommandLine;
using Superposition.Autoencoders;

namespace Superposition.Cli;

/// <summary><c>superposition export</c>: an autoencoder of any format that is read, in one that others read.</summary>
static class ExportVerb
{
    const string SaeLens = "saelens", Sparsify = "sparsify", Onnx = "onnx";

    public static Command Create(Session session)
    {
        var verb = new Verb("export", "Write an autoencoder as a folder of SAELens or sparsify, or as an ONNX model.",
            "superposition export runs/pentagon-sae --to saelens --out pentagon-saelens",
            "superposition export gemma-scope/params.npz --to onnx --out gemma.onnx --overwrite");
        var source = new Argument<string>("PATH") { Description = "A run, a folder of SAELens or sparsify, or a params.npz." };
        var format = Values.Choice("--to", "FORMAT", "What it is written as: saelens, sparsify or onnx.", [SaeLens, Sparsify, Onnx]);
        var target = Values.Text("--out", "PATH", "The folder or file to write; it must not be there yet.");
        var overwrite = new Option<bool>("--overwrite") { Description = "Replace what lies there; a folder if nothing else is in it." };
        (format.Required, target.Required) = (true, true);
        verb.Arguments.Add(source);
        foreach (var option in new Option[] { format, target, overwrite }) verb.Options.Add(option);
        verb.SetAction(result => Export(
            result.GetRequiredValue(source), result.GetRequiredValue(format), result.GetRequiredValue(target), result.GetValue(overwrite),
            session));
        return verb;
    }

    static void Export(string source, string format, string target, bool overwrite, Session session)
    {
        var loaded = SparseAutoencoderFile.Read(source);
        foreach (var warning in loaded.Warnings) session.Output.WriteLine($"warning: {warning}");
        switch (format)
        {
            case SaeLens: SaeLensFolder.Write(target, loaded.Autoencoder, overwrite); break;
            case Sparsify: SparsifyFolder.Write(target, loaded.Autoencoder, overwrite); break;
            case Onnx when File.Exists(target) && !overwrite:
                throw new InputException($"{target}: a file lies there already. Choose another path, or ask to --overwrite.");
            default: loaded.Autoencoder.SaveOnnx(target); break;
        }
        session.Output.WriteLine(
            $"{target}: {format} of {source} ({loaded.Format}), d={loaded.Autoencoder.Dimensions} m={loaded.Autoencoder.Latents}");
    }
}

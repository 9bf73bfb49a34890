using Microsoft.ML;
using Superposition.Activations;
using Superposition.Autoencoders;

namespace Superposition.Cli;

/// <summary>An autoencoder of any format in words, and what it does on activations where there are some.</summary>
static class AutoencoderDescription
{
    const long MostRows = 100_000;

    public static void Write(TextWriter output, string path, ActivationSource activations)
    {
        var loaded = SparseAutoencoderFile.Read(path);
        var autoencoder = loaded.Autoencoder;
        var widths = autoencoder.OutputDimensions == autoencoder.Dimensions
            ? $"d={autoencoder.Dimensions}"
            : $"d={autoencoder.Dimensions} to {autoencoder.OutputDimensions}";
        output.WriteLine($"{path}: {loaded.Format}, {widths} m={autoencoder.Latents}{Number(autoencoder.Activation)}"
            + $"{(autoencoder.CentresInput ? "" : ", b_dec not taken off")}{(autoencoder.Skip is null ? "" : ", with a skip connection")}");
        foreach (var warning in loaded.Warnings) output.WriteLine($"  warning: {warning}");
        if (activations == new ActivationSource()) return;
        var view = activations.Open(new());
        output.WriteLine($"  {Figures(autoencoder, view)}");
        if (view is ModelActivations { Hook: var hook } read) output.WriteLine($"  {Loss(LossRecovered.Of(autoencoder, read.Model, read.Text, hook))}");
    }

    static string Loss(LossRecovered loss) => FormattableString.Invariant(
        $"{loss.Tokens} tokens: loss {loss.Clean:F4} nats, {loss.Reconstructed:F4} with the reconstruction in place, {loss.ZeroAblated:F4} with zeros, {loss.MeanAblated:F4} with the mean; recovered {loss.OverZero:P1} over zeros, {loss.OverMean:P1} over the mean");

    static string Number(SparseActivation activation) => activation switch
    {
        TopKActivation(var k) => $" k={k}",
        AbsTopKActivation(var k) => $" k={k}",
        MatchingPursuitActivation(var iterations, _) => $" iterations={iterations}",
        _ => "",
    };

    // ŷ of a transcoder has another target, which is not among the activations.
    static string Figures(SparseAutoencoder autoencoder, IDataView view)
    {
        var found = SparseAutoencoderEvaluation.Of(autoencoder, view, "Activations", Math.Min(view.GetRowCount() ?? MostRows, MostRows),
            autoencoder.OutputDimensions == autoencoder.Dimensions ? null : "Target");
        return FormattableString.Invariant(
            $"{found.Rows} rows: L0 {found.L0:F2}, explained variance {found.ExplainedVariance:F4}, dead {found.Dead:P1}, shrinkage {found.Shrinkage:F3}");
    }
}

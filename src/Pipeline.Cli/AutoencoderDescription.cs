using Microsoft.ML;
using Microsoft.ML.Data;
using Superposition.Activations;
using Superposition.Autoencoders;

namespace Superposition.Cli;

/// <summary>An autoencoder of any format in words, and what it does on activations where there are some.</summary>
static class AutoencoderDescription
{
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
        if (activations != new ActivationSource()) output.WriteLine($"  {Figures(autoencoder, activations.Open(new()))}");
    }

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
        var served = autoencoder.ToTransformer("Latents", "Activations", "Reconstruction").Transform(view);
        var (x, z, decoded) = (served.Schema["Activations"], served.Schema["Latents"], served.Schema["Reconstruction"]);
        using var cursor = served.GetRowCursor([x, z, decoded]);
        var (readX, readZ) = (cursor.GetGetter<VBuffer<float>>(x), cursor.GetGetter<VBuffer<float>>(z));
        var readDecoded = cursor.GetGetter<VBuffer<float>>(decoded);
        VBuffer<float> row = default, latents = default, reconstruction = default;
        var (rows, active, error, squares, sums) = (0L, 0L, 0.0, 0.0, new double[autoencoder.Dimensions]);
        for (; cursor.MoveNext(); rows++)
        {
            readX(ref row);
            readZ(ref latents);
            readDecoded(ref reconstruction);
            foreach (var value in latents.GetValues()) active += value != 0 ? 1 : 0;
            if (autoencoder.OutputDimensions != autoencoder.Dimensions) continue;
            float[] from = [.. row.DenseValues()], to = [.. reconstruction.DenseValues()];
            for (var i = 0; i < from.Length; i++)
            {
                error += ((double)from[i] - to[i]) * ((double)from[i] - to[i]);
                squares += (double)from[i] * from[i];
                sums[i] += from[i];
            }
        }
        var variance = squares - sums.Sum(sum => sum * sum) / rows;
        var l0 = FormattableString.Invariant($"{rows} rows: L0 {(double)active / rows:F2}");
        return autoencoder.OutputDimensions == autoencoder.Dimensions
            ? FormattableString.Invariant($"{l0}, explained variance {1 - error / variance:F4}")
            : l0;
    }
}

using System.Globalization;
using Superposition.DataViews;
using Superposition.Storage;

namespace Superposition.Autoencoders;

/// <summary>
/// An autoencoder as a run folder holds it: W_enc [d, m], b_enc [m], W_dec [m, d′], b_dec [d′], W_skip [d′, d], firing [m] and the vectors
/// of its activation, named as SAELens does; in the metadata the activation by name with its numbers, and whether b_dec is taken off.
/// </summary>
internal static class StoredAutoencoder
{
    const string Activation = "activation", K = "k", Iterations = "iterations", StopsOnRepeat = "stopsOnRepeat";
    const string CentresInput = "centresInput", Firing = "firing";

    /// <summary>Whether a file is one of these; runs of before had no metadata.</summary>
    public static bool Describes(SafetensorsFile file) => file.Metadata.ContainsKey(Activation);

    /// <summary>The name of an activation in a file.</summary>
    public static string NameOf(SparseActivation activation) => activation switch
    {
        ReluActivation => "relu",
        TopKActivation => "topK",
        AbsTopKActivation => "absTopK",
        BatchTopKActivation => "batchTopK",
        JumpReluActivation => "jumpRelu",
        GatedActivation => "gated",
        MatchingPursuitActivation => "matchingPursuit",
        _ => throw new NotSupportedException($"{activation.GetType().Name} has no name in a file."),
    };

    /// <summary>By name.</summary>
    public static Dictionary<string, StoredArray> Tensors(SparseAutoencoder autoencoder)
    {
        int d = autoencoder.Dimensions, m = autoencoder.Latents, width = autoencoder.OutputDimensions;
        var tensors = new Dictionary<string, StoredArray>
        {
            ["W_enc"] = StoredArray.Of(Rows.Flat(autoencoder.Encoder), d, m),
            ["b_enc"] = StoredArray.Of(autoencoder.EncoderBias, m),
            ["W_dec"] = StoredArray.Of(Rows.Flat(autoencoder.Decoder), m, width),
            ["b_dec"] = StoredArray.Of(autoencoder.DecoderBias, width),
        };
        foreach (var (name, values) in autoencoder.Activation.Vectors) tensors[name] = StoredArray.Of(values, m);
        if (autoencoder.Skip is { } skip) tensors["W_skip"] = StoredArray.Of(Rows.Flat(skip), width, d);
        if (autoencoder.Firing is { } firing) tensors[Firing] = StoredArray.Of(firing, m);
        return tensors;
    }

    /// <summary>What its tensors do not say.</summary>
    public static Dictionary<string, string> Metadata(SparseAutoencoder autoencoder)
    {
        var metadata = new Dictionary<string, string>
        {
            [Activation] = NameOf(autoencoder.Activation), [CentresInput] = Text(autoencoder.CentresInput),
        };
        switch (autoencoder.Activation)
        {
            case TopKActivation(var k): metadata[K] = Text(k); break;
            case AbsTopKActivation(var k): metadata[K] = Text(k); break;
            case BatchTopKActivation(var k): metadata[K] = Text(k); break;
            case MatchingPursuitActivation(var iterations, var stops):
                (metadata[Iterations], metadata[StopsOnRepeat]) = (Text(iterations), Text(stops));
                break;
        }
        return metadata;
    }

    /// <summary>The autoencoder in a file.</summary>
    /// <param name="path">What messages call it.</param>
    /// <param name="file">Its tensors and metadata.</param>
    /// <param name="otherwise">The activation where the file does not name one.</param>
    /// <exception cref="SparseAutoencoderFileException">It is no such file, or of an activation that is not known.</exception>
    public static SparseAutoencoder Read(string path, SafetensorsFile file, SparseActivation? otherwise = null)
    {
        var tensors = new FormatTensors(path, file);
        var ((d, m), (_, width)) = (tensors.Size("W_enc"), tensors.Size("W_dec"));
        var read = new SparseAutoencoder(
            tensors.Matrix("W_enc", d, m), tensors.Vector("b_enc", m), tensors.Matrix("W_dec", m, width), tensors.Vector("b_dec", width),
            !Describes(file) && otherwise is not null ? otherwise : ActivationOf(path, file, tensors, m))
        {
            CentresInput = !Describes(file) || Flag(path, file, CentresInput),
            Skip = tensors.Has("W_skip") ? tensors.Matrix("W_skip", width, d) : null,
            Firing = tensors.Has(Firing) ? tensors.Vector(Firing, m) : null,
        };
        tensors.EnsureNoneLeft(read.Activation.GetType().Name);
        return read;
    }

    static SparseActivation ActivationOf(string path, SafetensorsFile file, FormatTensors tensors, int m) =>
        Word(path, file, Activation) switch
        {
            "relu" => new ReluActivation(),
            "topK" => new TopKActivation(Count(path, file, K)),
            "absTopK" => new AbsTopKActivation(Count(path, file, K)),
            "batchTopK" => new BatchTopKActivation(Number(path, file, K)),
            "jumpRelu" => new JumpReluActivation(tensors.Thresholds(m, "Copy the file again.")),
            "gated" => new GatedActivation(tensors.Vector("b_gate", m), tensors.Vector("r_mag", m), tensors.Vector("b_mag", m)),
            "matchingPursuit" => new MatchingPursuitActivation(Count(path, file, Iterations), Flag(path, file, StopsOnRepeat)),
            var name => throw new SparseAutoencoderFileException(path, SparseAutoencoderFileReason.UnknownArchitecture,
                $"the activation is {ErrorText.Quote(name)}, which this version does not know. Read it with a later one."),
        };

    static string Word(string path, SafetensorsFile file, string key) => file.Metadata.TryGetValue(key, out var word)
        ? word
        : throw new SparseAutoencoderFileException(path, SparseAutoencoderFileReason.KeyMissing,
            $"there is no {ErrorText.Quote(key)} in the metadata; there are {ErrorText.List([.. file.Metadata.Keys])}. "
            + "Is it another format's file?");

    static int Count(string path, SafetensorsFile file, string key) =>
        int.TryParse(Word(path, file, key), NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count >= 1
            ? count
            : throw Invalid(path, file, key, "a whole number of at least 1");

    static double Number(string path, SafetensorsFile file, string key) =>
        double.TryParse(Word(path, file, key), NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            && number > 0 && double.IsFinite(number)
            ? number
            : throw Invalid(path, file, key, "a number above 0");

    static bool Flag(string path, SafetensorsFile file, string key) => Word(path, file, key) switch
    {
        "true" => true,
        "false" => false,
        _ => throw Invalid(path, file, key, "true or false"),
    };

    static SparseAutoencoderFileException Invalid(string path, SafetensorsFile file, string key, string expected) => new(
        path, SparseAutoencoderFileReason.KeyInvalid,
        $"{ErrorText.Quote(key)}: expected {expected}, found {ErrorText.Quote(file.Metadata[key])}. Copy the file again.");

    static string Text(double number) => number.ToString("R", CultureInfo.InvariantCulture);

    static string Text(bool flag) => flag ? "true" : "false";
}

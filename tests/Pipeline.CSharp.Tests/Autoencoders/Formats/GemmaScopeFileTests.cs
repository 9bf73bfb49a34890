using System.IO.Compression;
using Superposition.Autoencoders;
using Superposition.DataViews;
using Superposition.Storage;
using Superposition.Tests.Storage;
using Xunit;

namespace Superposition.Tests.Autoencoders;

public sealed class GemmaScopeFileTests : IDisposable
{
    const int D = AnyAutoencoder.D, M = AnyAutoencoder.M;

    readonly TemporaryFolder folder = new();
    readonly SparseAutoencoder expected = AnyAutoencoder.Forms["jumpRelu"] with { CentresInput = false };

    [Theory]
    [InlineData("W_enc", "W_dec", CompressionLevel.NoCompression)]
    [InlineData("w_enc", "w_dec", CompressionLevel.Optimal)]
    public void The_five_arrays_are_a_JumpReLU_that_does_not_centre(string encoder, string decoder, CompressionLevel level)
    {
        string Named(string name) =>
            name.Replace("W_enc", encoder, StringComparison.Ordinal).Replace("W_dec", decoder, StringComparison.Ordinal);
        var loaded = Read(level, [.. Entries().Select(entry => (Named(entry.Name), entry.Contents))]);
        AnyAutoencoder.AssertSame(expected, loaded.Autoencoder);
        Assert.Equal("Gemma Scope jumprelu", loaded.Format);
        Assert.Empty(loaded.Warnings);
    }

    [Fact]
    public void A_transcoder_has_a_width_of_its_own()
    {
        var transcoder = AnyAutoencoder.Forms["jumpRelu transcoder"];
        var thresholds = ((JumpReluActivation)transcoder.Activation).Thresholds;
        var loaded = Read(CompressionLevel.NoCompression, [
            ("W_enc.npy", NpzBytes.Npy(Rows.Flat(transcoder.Encoder).ToArray(), D, M)),
            ("b_enc.npy", NpzBytes.Npy(transcoder.EncoderBias, M)),
            ("W_dec.npy", NpzBytes.Npy(Rows.Flat(transcoder.Decoder).ToArray(), M, AnyAutoencoder.Wide)),
            ("b_dec.npy", NpzBytes.Npy(transcoder.DecoderBias, AnyAutoencoder.Wide)), ("threshold.npy", NpzBytes.Npy(thresholds, M))]);
        AnyAutoencoder.AssertSame(transcoder, loaded.Autoencoder);
    }

    [Fact]
    public void Half_precision_is_read()
    {
        var half = NpzBytes.Npy("<f2", [.. Enumerable.Repeat(new byte[] { 0x00, 0x3c }, M).SelectMany(bytes => bytes)], M);
        var loaded = Read(CompressionLevel.Optimal, With("threshold.npy", half));
        Assert.Equal(Enumerable.Repeat(1f, M), ((JumpReluActivation)loaded.Autoencoder.Activation).Thresholds);
    }

    [Fact]
    public void A_path_of_embeddings_is_warned_of()
    {
        Directory.CreateDirectory(folder["embedding"]);
        File.WriteAllBytes(Path.Combine(folder["embedding"], "params.npz"), NpzBytes.Zip(CompressionLevel.Optimal, Entries()));
        Assert.Contains("√d", Assert.Single(SparseAutoencoderFile.Read(folder["embedding"]).Warnings));
    }

    [Fact]
    public void A_missing_threshold_is_refused_and_not_taken_for_ReLU() =>
        Assert.Equal(SparseAutoencoderFileReason.ThresholdMissing, ReasonOf([.. Entries().Where(entry => entry.Name != "threshold.npy")]));

    [Theory]
    [InlineData("W_enc.npy", SparseAutoencoderFileReason.TensorMissing)]
    [InlineData("b_dec.npy", SparseAutoencoderFileReason.TensorMissing)]
    public void A_missing_array_is_refused(string name, SparseAutoencoderFileReason reason) =>
        Assert.Equal(reason, ReasonOf([.. Entries().Where(entry => entry.Name != name)]));

    [Fact]
    public void Shapes_that_disagree_are_refused()
    {
        foreach (var (name, array) in new[]
                 {
                     ("W_dec.npy", NpzBytes.Npy(new float[M * D], D, M)), ("b_enc.npy", NpzBytes.Npy(new float[M - 1], M - 1)),
                     ("threshold.npy", NpzBytes.Npy(new float[1], 1)), ("W_enc.npy", NpzBytes.Npy(new float[M], M)),
                     ("W_enc.npy", NpzBytes.Npy([], 0, M)),
                 })
            Assert.Equal(SparseAutoencoderFileReason.ShapesDisagree, ReasonOf(With(name, array)));
    }

    [Fact]
    public void Arrays_that_hold_no_weights_are_refused()
    {
        Assert.Equal(SparseAutoencoderFileReason.TensorUnexpected,
            ReasonOf(With("b_enc.npy", NpzBytes.Npy("<i4", new byte[M * 4], M))));
        Assert.Equal(SparseAutoencoderFileReason.NotFinite,
            ReasonOf(With("b_dec.npy", NpzBytes.Npy([float.NaN, .. new float[D - 1]], D))));
    }

    [Fact]
    public void Another_array_makes_it_another_kind_of_file() => Assert.Equal(NpyReason.EntryUnexpected, Assert.Throws<NpyException>(() =>
        Read(CompressionLevel.Optimal, [.. Entries(), ("affine_skip_connection.npy", NpzBytes.Npy([1], 1))])).Reason);

    (string Name, byte[] Contents)[] Entries() =>
    [
        ("W_enc.npy", NpzBytes.Npy(Rows.Flat(expected.Encoder).ToArray(), D, M)), ("b_enc.npy", NpzBytes.Npy(expected.EncoderBias, M)),
        ("W_dec.npy", NpzBytes.Npy(Rows.Flat(expected.Decoder).ToArray(), M, D)), ("b_dec.npy", NpzBytes.Npy(expected.DecoderBias, D)),
        ("threshold.npy", NpzBytes.Npy(((JumpReluActivation)expected.Activation).Thresholds, M)),
    ];

    (string Name, byte[] Contents)[] With(string name, byte[] contents) =>
        [.. Entries().Select(entry => entry.Name == name ? (name, contents) : entry)];

    LoadedAutoencoder Read(CompressionLevel level, (string Name, byte[] Contents)[] entries)
    {
        File.WriteAllBytes(folder["params.npz"], NpzBytes.Zip(level, entries));
        return SparseAutoencoderFile.Read(folder["params.npz"]);
    }

    SparseAutoencoderFileReason ReasonOf((string Name, byte[] Contents)[] entries) =>
        Assert.Throws<SparseAutoencoderFileException>(() => Read(CompressionLevel.Optimal, entries)).Reason;

    public void Dispose() => folder.Dispose();
}

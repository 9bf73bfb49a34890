using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Superposition.Autoencoders;
using Superposition.Storage;
using Superposition.Tests.Storage;
using Xunit;

namespace Superposition.Tests.Autoencoders;

/// <summary>What OnnxRuntime makes of a saved model, against the stage.</summary>
public sealed class SparseAutoencoderOnnxTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public static TheoryData<string> Forms => [.. AnyAutoencoder.Forms.Keys.Where(form => form != "batchTopK")];

    [Theory]
    [MemberData(nameof(Forms))]
    public void OnnxRuntime_serves_what_the_stage_serves(string form)
    {
        var autoencoder = AnyAutoencoder.Forms[form];
        var rows = Recorded.Normal(1, 200, AnyAutoencoder.D);
        autoencoder.SaveOnnx(folder["sae.onnx"]);

        var (latents, reconstruction) = Run(folder["sae.onnx"], rows);

        var served = autoencoder.Serve(rows);
        Assert.Contains(served.Latents, z => z.Any(value => value != 0));
        AnyAutoencoder.AssertNear(served.Latents, latents);
        AnyAutoencoder.AssertNear(served.Reconstruction, reconstruction);
    }

    [Fact]
    public void A_k_above_the_number_of_latents_keeps_all_of_them()
    {
        var autoencoder = AnyAutoencoder.Of(1, new TopKActivation(AnyAutoencoder.M + 1));
        var rows = Recorded.Normal(1, 50, AnyAutoencoder.D);
        autoencoder.SaveOnnx(folder["sae.onnx"]);
        AnyAutoencoder.AssertNear(autoencoder.Serve(rows).Latents, Run(folder["sae.onnx"], rows).Latents);
    }

    [Fact]
    public void What_looks_at_a_whole_batch_is_refused_and_nothing_is_written()
    {
        var error = Assert.Throws<SparseAutoencoderFileException>(() => AnyAutoencoder.Forms["batchTopK"].SaveOnnx(folder["sae.onnx"]));
        Assert.Equal(SparseAutoencoderFileReason.NotInFormat, error.Reason);
        Assert.Empty(folder.Names());
    }

    [Fact]
    public void A_path_that_cannot_be_is_refused()
    {
        File.WriteAllText(folder["file"], "");
        Assert.Throws<FileWriteException>(() => AnyAutoencoder.Forms["relu"].SaveOnnx(Path.Combine(folder["file"], "sae.onnx")));
        Assert.Equal(["file"], folder.Names());
    }

    static (float[][] Latents, float[][] Reconstruction) Run(string path, float[][] rows)
    {
        using var session = new InferenceSession(path);
        var input = new DenseTensor<float>(rows.SelectMany(row => row).ToArray(), [rows.Length, rows[0].Length]);
        using var results = session.Run([NamedOnnxValue.CreateFromTensor("Activations", input)]);
        float[][] Output(string name)
        {
            var tensor = results.Single(result => result.Name == name).AsTensor<float>();
            return [.. tensor.Chunk(tensor.Dimensions[1])];
        }
        return (Output("Latents"), Output("Reconstruction"));
    }

    public void Dispose() => folder.Dispose();
}

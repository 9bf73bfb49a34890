using Microsoft.ML;
using Superposition.Autoencoders;
using Superposition.Tests.References;
using Xunit;

namespace Superposition.Tests.Autoencoders;

/// <summary>What is served is what was trained: norms folded, biases moved, selections as they were.</summary>
public sealed class ServedArchitectureTests
{
    /// <summary>Those of a whole batch are served by threshold, which selects others.</summary>
    public static TheoryData<string> Architectures =>
        [.. ArchitectureCase.All.Keys.Where(name => name.Split(',')[0] is not ("BatchTopK" or "Matryoshka"))];

    [Theory]
    [MemberData(nameof(Architectures))]
    public void The_served_form_gives_the_reference_s_latents_and_reconstructions(string name)
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var draw = ArchitectureCase.All[name].Draw(seed);
            var expected = ArchitectureCase.All[name].Loss(draw, SparseAutoencoderReference.Mistakes.None);
            var autoencoder = Served(name, draw);
            var folds = ArchitectureCase.All[name].Options(draw).Architecture.Folds;
            double[] norms = folds ? Norms(draw) : [.. Enumerable.Repeat(1.0, draw.Latents)];
            var served = autoencoder.ToTransformer("Latents", "Activations", "R").Transform(View(draw));
            AssertNear([.. expected.Latents.Select(z => z.Zip(norms, (v, norm) => v * norm).ToArray())], served.Vectors("Latents"));
            AssertNear(expected.Reconstructions, served.Vectors("R"));
            if (folds) Assert.All(autoencoder.Decoder.Rows(), row => Assert.Equal(1, row.Norm(), 1e-6));
        }
    }

    [Theory]
    [MemberData(nameof(Architectures))]
    public void Saved_by_a_stranger_and_loaded_it_gives_the_same_numbers(string name)
    {
        var ml = new MLContext();
        for (var seed = 0; seed < 3; seed++)
        {
            var draw = ArchitectureCase.All[name].Draw(seed);
            var view = View(draw);
            var transformer = Served(name, draw).ToTransformer("Latents", "Activations", "R");
            using var zip = new MemoryStream();
            ml.Model.Save(transformer, view.Schema, zip);
            var (here, there) = (transformer.Transform(view), ml.Model.Load(zip, out _).Transform(view));
            foreach (var column in new[] { "Latents", "R" })
                AssertNear([.. here.Vectors(column).Select(row => row.Select(v => (double)v).ToArray())], there.Vectors(column));
        }
    }

    /// <summary>z = h where h‖d‖ is above the mean of the least scores kept.</summary>
    [Fact]
    public void BatchTopK_is_served_by_a_threshold_on_scores()
    {
        var draw = ArchitectureCase.All["BatchTopK"].Draw(4);
        var options = (BatchTopKOptions)ArchitectureCase.All["BatchTopK"].Options(draw);
        var architecture = options.Architecture;
        using var parameters = Engine.Parameters(draw.Reference, options);
        architecture.Observe(new(0, [0], [], 0.4));
        var served = parameters.ToAutoencoder(architecture).ToTransformer("Latents", "Activations").Transform(View(draw));
        var relu = draw.Reference.L1(draw.X, 0, weighted: true).Latents;
        var norms = Norms(draw);
        AssertNear([.. relu.Select(z => z.Select((v, j) => v * norms[j] > 0.4 ? v * norms[j] : 0).ToArray())], served.Vectors("Latents"));
    }

    /// <summary>As it was trained, if a whole batch is encoded together.</summary>
    [Fact]
    public void BatchTopK_is_served_by_the_batch_where_it_is_asked_to()
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var draw = ArchitectureCase.All["BatchTopK"].Draw(seed);
            var options = (BatchTopKOptions)ArchitectureCase.All["BatchTopK"].Options(draw);
            var expected = ArchitectureCase.All["BatchTopK"].Loss(draw, SparseAutoencoderReference.Mistakes.None);
            var norms = Norms(draw);
            var served = (Served("BatchTopK", draw) with { Activation = new BatchTopKActivation(options.K) })
                .ToTransformer("Latents", "Activations", "R", batchSize: draw.X.Length).Transform(View(draw));
            AssertNear([.. expected.Latents.Select(z => z.Zip(norms, (v, norm) => v * norm).ToArray())], served.Vectors("Latents"));
            AssertNear(expected.Reconstructions, served.Vectors("R"));
        }
    }

    static SparseAutoencoder Served(string name, AutoencoderDraw draw)
    {
        var options = ArchitectureCase.All[name].Options(draw);
        using var parameters = Engine.Parameters(draw.Reference, options);
        return parameters.ToAutoencoder(options.Architecture);
    }

    static IDataView View(AutoencoderDraw draw) => Recorded.View([.. draw.X.Select(Engine.Singles)]);

    static double[] Norms(AutoencoderDraw draw) =>
        [.. draw.Reference.Parameters["W_dec"].Chunk(draw.Reference.OutputDimensions).Select(row => Math.Sqrt(row.Sum(v => v * v)))];

    static void AssertNear(double[][] expected, float[][] found)
    {
        Assert.Equal(expected.Length, found.Length);
        foreach (var (row, there) in expected.Zip(found))
        {
            Assert.Equal(row.Length, there.Length);
            for (var i = 0; i < row.Length; i++) Assert.Equal(row[i], there[i], 1e-5 * (1 + Math.Abs(row[i])));
        }
    }
}

using Microsoft.ML;
using Superposition.Autoencoders;
using Superposition.DataViews;
using Xunit;

namespace Superposition.Tests.Autoencoders.Baselines;

/// <summary>What all baselines have in common.</summary>
public sealed class DictionaryBaselineTests
{
    internal static readonly RandomDictionary Random = new() { Latents = 6, K = 2, Seed = 1 };
    internal static readonly PrincipalComponents Principal = new() { Latents = 6, K = 2, Seed = 1 };
    internal static readonly IndependentComponents Independent = new() { Latents = 6, K = 2, Seed = 1 };
    internal static readonly KMeans Means = new() { Latents = 6, K = 2, Seed = 1 };

    static readonly float[][] Rows = Planted.Sparse(seed: 1, rows: 3000, Planted.Orthogonal(1, 8));

    public static TheoryData<DictionaryBaseline> All => new()
    {
        Random, Principal, Independent, Means, Principal with { Opposites = true }, Independent with { Opposites = true },
    };

    /// <summary>Options with one thing wrong for 8 dimensions, and what the message must name.</summary>
    public static TheoryData<DictionaryBaseline, string> Wrong => new()
    {
        { Random with { Latents = 0, K = 0 }, "Latents is 0; it must be at least 1." },
        { Random with { K = 0 }, "K is 0; it must be from 1 to Latents = 6." },
        { Random with { Samples = 1 }, "Samples is 1; it must be at least 2." },
        { Principal with { Latents = 9 }, "Latents is 9; 8 dimensions have 8 components, or 16 latents with Opposites." },
        { Principal with { Latents = 18, Opposites = true }, "Latents is 18; 8 dimensions have 8 components, 16 latents with" },
        { Principal with { Latents = 7, Opposites = true }, "Latents is 7; with Opposites they come in pairs" },
        { Independent with { Latents = 9 }, "Latents is 9" },
        { Independent with { MaxIterations = 0 }, "MaxIterations is 0" },
        { Independent with { Tolerance = 0 }, "Tolerance is 0" },
        { Independent with { Tolerance = double.NaN }, "Tolerance is NaN" },
        { Means with { MaxIterations = 0 }, "MaxIterations is 0" },
        { Means with { Tolerance = -1 }, "Tolerance is -1" },
        { Means with { Tolerance = double.PositiveInfinity }, "Tolerance is" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void A_wrong_option_is_named_with_what_it_must_be(DictionaryBaseline baseline, string expected)
    {
        var error = Assert.Throws<OptionsException>(() => baseline.Fit(Rows));
        Assert.StartsWith(baseline.GetType().Name, error.Message, StringComparison.Ordinal);
        Assert.Contains(error.Problems, problem => problem.StartsWith(expected, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void More_latents_kept_than_there_are_is_refused(DictionaryBaseline baseline) =>
        Assert.Equal(["K is 7; it must be from 1 to Latents = 6."],
            Assert.Throws<OptionsException>(() => (baseline with { K = 7 }).Fit(Rows)).Problems);

    [Fact]
    public void Every_problem_is_reported_at_once() => Assert.Equal(5, Assert.Throws<OptionsException>(() =>
        (Independent with { Latents = 17, K = 18, Samples = 0, MaxIterations = 0, Tolerance = 0 }).Fit(Rows)).Problems.Count);

    [Theory]
    [MemberData(nameof(All))]
    public void Directions_have_norm_1_and_the_data_is_centred_on_its_mean(DictionaryBaseline baseline)
    {
        var served = baseline.Fit(Rows);
        Assert.Equal((6, 8, 8), (served.Latents, served.Dimensions, served.OutputDimensions));
        Assert.All(served.Decoder.Rows(), row => Assert.Equal(1, row.Norm(), 1e-6));
        Assert.Equal(new float[6], served.EncoderBias);
        // Fewer rows than Samples are each seen once.
        for (var i = 0; i < 8; i++) Assert.Equal(Rows.Average(row => (double)row[i]), served.DecoderBias[i], 1e-6);
        Assert.True(served.CentresInput);
    }

    [Fact]
    public void Encoder_and_decoder_are_the_same_but_for_independent_components()
    {
        foreach (var baseline in new DictionaryBaseline[] { Random, Principal, Principal with { Opposites = true }, Means })
        {
            var served = baseline.Fit(Rows);
            for (var j = 0; j < 6; j++)
                for (var i = 0; i < 8; i++) Assert.Equal(served.Decoder[j, i], served.Encoder[i, j]);
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Each_is_evaluated_and_served_as_an_autoencoder(DictionaryBaseline baseline)
    {
        var served = baseline.Fit(Rows);
        var found = served.On(Rows);
        Assert.InRange(found.L0, 0.5, 2);
        Assert.InRange(found.ExplainedVariance, 0.05, 0.95);
        Assert.Equal(0, found.Dead);
        var view = Recorded.View(Rows);
        var reconstructions = served.ToTransformer("Latents", "Activations", "Reconstruction").Transform(view).Vectors("Reconstruction");
        var errors = reconstructions.Zip(Rows, (a, b) => a.Zip(b, (x, y) => (double)(x - y) * (x - y)).Sum());
        Assert.Equal(found.SquaredError, errors.Average(), 1e-5);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Kept_as_a_model_it_says_the_same(DictionaryBaseline baseline)
    {
        var context = new MLContext();
        var view = Recorded.View(Rows[..100]);
        var served = baseline.Fit(Rows).ToTransformer("Latents", "Activations", "Reconstruction");
        using var stream = new MemoryStream();
        context.Model.Save(served, view.Schema, stream);
        stream.Position = 0;
        var loaded = context.Model.Load(stream, out _).Transform(view).Vectors("Reconstruction");
        foreach (var (a, b) in served.Transform(view).Vectors("Reconstruction").Zip(loaded))
            for (var i = 0; i < a.Length; i++) Assert.Equal(a[i], b[i], 1e-5f);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Rows_that_cannot_be_used_are_refused(DictionaryBaseline baseline)
    {
        float[] ones = [1, 1, 1, 1, 1, 1, 1, 0.1f];
        float[][] broken = [.. Rows[..50], [1, 1, 1, 1, 1, 1, float.NaN, 1], .. Rows[..50]];
        Assert.Equal(InputDataReason.NotFinite, Reason(() => baseline.Fit(broken)));
        Assert.Equal(InputDataReason.Constant, Reason(() => baseline.Fit([ones, ones, ones])));
        var empty = new MLContext().Data.SkipRows(Recorded.View(Rows[..2]), 10);
        Assert.Equal(InputDataReason.Empty, Reason(() => baseline.Fit(empty, "Activations")));
        Assert.Equal(InputDataReason.MissingColumn, Reason(() => baseline.Fit(Recorded.View(Rows[..2]), "Activation")));
        Assert.Equal(InputDataReason.WrongType, Reason(() => baseline.Fit(Recorded.View(Rows[..2]), "Tag")));

        static InputDataReason Reason(Action fit) => Assert.Throws<InputDataException>(fit).Reason;
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_cancelled_token_stops_it(DictionaryBaseline baseline) =>
        Assert.Throws<OperationCanceledException>(() => (baseline with { Cancellation = new(canceled: true) }).Fit(Rows));

    [Fact]
    public void A_world_is_read_from_its_own_stream()
    {
        var world = new MLContext().Data.SparseFeatures(new() { Features = 8, Density = 0.1, Rows = 10_000_000, Seed = 3 });
        var served = (Principal with { Samples = 5000 }).Fit(world, "Features");
        Assert.Equal(8, served.Dimensions);
        for (var i = 0; i < 8; i++) Assert.InRange(served.DecoderBias[i], 0.03, 0.07);   // p/2 = 0.05, standard error 0.0025
    }
}

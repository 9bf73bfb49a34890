using Superposition.Autoencoders;
using Xunit;
using Matrices = Superposition.DataViews.Rows;

namespace Superposition.Tests.Autoencoders;

/// <summary>Random autoencoders of every form that is served, and whether two are the same to the bit.</summary>
static class AnyAutoencoder
{
    public const int D = 5, M = 9, Wide = 7;

    /// <summary>Every form by name.</summary>
    public static readonly IReadOnlyDictionary<string, SparseAutoencoder> Forms = new Dictionary<string, SparseAutoencoder>
    {
        ["relu"] = Of(1, new ReluActivation()),
        ["relu that does not centre"] = Of(2, new ReluActivation()) with { CentresInput = false },
        ["topK"] = Of(3, new TopKActivation(3)),
        ["topK that does not centre"] = Of(4, new TopKActivation(3)) with { CentresInput = false },
        ["absTopK"] = Of(5, new AbsTopKActivation(3)),
        ["batchTopK"] = Of(6, new BatchTopKActivation(2.5)),
        ["jumpRelu"] = Of(7, new JumpReluActivation(Positive(7))),
        ["gated"] = Of(8, new GatedActivation(Normal(1, M), Normal(2, M), Normal(3, M))) with { EncoderBias = new float[M] },
        ["matching pursuit"] = Tied(9, stopsOnRepeat: false),
        ["matching pursuit that stops"] = Tied(10, stopsOnRepeat: true),
        ["matching pursuit of another encoder"] = Tied(11, stopsOnRepeat: false) with { Encoder = Matrix(99, D, M) },
        ["transcoder"] = Transcoder(12, new ReluActivation()),
        ["transcoder with skip"] = Transcoder(13, new ReluActivation(), skips: true),
        ["jumpRelu transcoder"] = Transcoder(14, new JumpReluActivation(Positive(14))),
        ["jumpRelu transcoder with skip"] = Transcoder(15, new JumpReluActivation(Positive(15)), skips: true),
        ["topK transcoder"] = Transcoder(16, new TopKActivation(3)),
        ["topK with skip of one width"] = Of(17, new TopKActivation(3)) with { CentresInput = false, Skip = Matrix(98, D, D) },
    };

    public static SparseAutoencoder Of(int seed, SparseActivation activation) =>
        new(Matrix(seed, D, M), Normal(seed + 200, M), Matrix(seed + 300, M, D), Normal(seed + 400, D), activation);

    static SparseAutoencoder Transcoder(int seed, SparseActivation activation, bool skips = false) =>
        new(Matrix(seed, D, M), Normal(seed + 200, M), Matrix(seed + 300, M, Wide), Normal(seed + 400, Wide), activation)
        {
            CentresInput = false,
            Skip = skips ? Matrix(seed + 500, Wide, D) : null,
        };

    static SparseAutoencoder Tied(int seed, bool stopsOnRepeat)
    {
        var decoder = Matrix(seed, M, D);
        foreach (var j in Enumerable.Range(0, M))
        {
            var row = Matrices.Row(decoder, j);
            var norm = row.ToArray().Norm();
            foreach (ref var weight in row) weight = (float)(weight / norm);
        }
        return new(Matrices.Transposed(decoder), new float[M], decoder, Normal(seed + 400, D),
            new MatchingPursuitActivation(4, stopsOnRepeat));
    }

    public static float[] Normal(int seed, int count) => Engine.Singles(AutoencoderDraw.Normal(new(seed), count, 1));

    static float[] Positive(int seed) => [.. Normal(seed, M).Select(MathF.Abs)];

    public static float[,] Matrix(int seed, int rows, int columns) => Matrices.Matrix(Normal(seed, rows * columns), rows);

    /// <summary>Every number and setting, but how often latents fired.</summary>
    public static void AssertSame(SparseAutoencoder expected, SparseAutoencoder found)
    {
        Assert.Equal(expected.Encoder, found.Encoder);
        Assert.Equal(expected.EncoderBias, found.EncoderBias);
        Assert.Equal(expected.Decoder, found.Decoder);
        Assert.Equal(expected.DecoderBias, found.DecoderBias);
        Assert.Equal(expected.Skip, found.Skip);
        Assert.Equal(expected.CentresInput, found.CentresInput);
        Assert.Equal(expected.Activation.GetType(), found.Activation.GetType());
        if (expected.Activation.Vectors.Count == 0) Assert.Equal(expected.Activation, found.Activation);
        Assert.Equal(expected.Activation.Vectors.Select(vector => vector.Name), found.Activation.Vectors.Select(vector => vector.Name));
        foreach (var (one, other) in expected.Activation.Vectors.Zip(found.Activation.Vectors)) Assert.Equal(one.Values, other.Values);
    }

    /// <summary>[rows][m] and [rows][d′] as the stage serves them.</summary>
    public static (float[][] Latents, float[][] Reconstruction) Serve(this SparseAutoencoder autoencoder, float[][] rows)
    {
        var served = autoencoder.ToTransformer("Z", "Activations", "R").Transform(Recorded.View(rows));
        return (served.Vectors("Z"), served.Vectors("R"));
    }

    public static void AssertNear(float[][] expected, float[][] found, double tolerance = 1e-5)
    {
        Assert.Equal(expected.Length, found.Length);
        for (var r = 0; r < expected.Length; r++)
        {
            Assert.Equal(expected[r].Length, found[r].Length);
            for (var i = 0; i < expected[r].Length; i++)
                Assert.Equal(expected[r][i], found[r][i], tolerance * Math.Max(1, Math.Abs(expected[r][i])));
        }
    }
}

using Superposition.Randomness;

namespace Superposition.ToyModels;

/// <summary>
/// Xavier-normal weights, N(0, 2/(fan in + fan out)), of each instance by itself; biases 0. (The notebook hands its [K, n, d] array
/// to xavier_normal_, which takes K for a fan and so gives N(0, 2/(d(K + n))).) Or what the options have to go on from.
/// </summary>
internal static class InitialWeights
{
    /// <summary>Instance j of a seed, whichever others are trained beside it.</summary>
    public static ToyModel Of(ToyModelOptions options, int features, int instance)
    {
        if (options.Initial.Count > 0) return options.Initial[instance % options.Initial.Count];
        var random = new CounterRandom(CounterRandom.At(CounterRandom.Key(options.Seed, 1), instance));
        var (architecture, d, outputs) = (options.Architecture, options.Dimensions, options.Target.Outputs(features));
        var model = new ToyModel(Matrix(ref random, features, d), new float[outputs], double.NaN)
        {
            Architecture = architecture,
            HiddenBiases = architecture.HiddenBias ? [.. Enumerable.Range(0, architecture.HiddenLayers).Select(_ => new float[d])] : [],
        };
        if (!architecture.Tied) model = model with { Decoder = Matrix(ref random, outputs, d) };
        var inner = new float[architecture.HiddenLayers - 1][,];
        for (var l = 0; l < inner.Length; l++) inner[l] = Matrix(ref random, d, d);
        return model with { Inner = inner };
    }

    static float[,] Matrix(ref CounterRandom random, int rows, int columns)
    {
        var matrix = new float[rows, columns];
        var deviation = Math.Sqrt(2.0 / (rows + columns));
        for (var i = 0; i < rows; i++)
            for (var c = 0; c < columns; c++) matrix[i, c] = (float)(deviation * random.NextNormal());
        return matrix;
    }
}

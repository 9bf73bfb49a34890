using Superposition.Activations;
using Xunit;

namespace Superposition.Tests.Activations;

public sealed unsafe class FeatureDictionaryTests
{
    [Fact]
    public void Every_feature_has_a_unit_vector_and_the_bias_its_norm()
    {
        foreach (var steps in new[] { 0, 5 })
        {
            var dictionary = new FeatureDictionary(70, 20, 1, new() { OrthogonalSteps = steps, BiasNorm = 0.7 });
            var e = dictionary.ToMatrix();
            for (var i = 0; i < 70; i++) Assert.Equal(1, Dot(e, i, i), 1e-6);
            Assert.Equal(0.49, new ReadOnlySpan<float>(dictionary.Bias, 20).ToArray().Sum(b => (double)b * b), 1e-6);
        }
    }

    [Fact]
    public void Turned_away_from_each_other_features_are_less_alike()
    {
        var before = MeanMaxCosine(new FeatureDictionary(200, 40, 2, new() { OrthogonalSteps = 0 }).ToMatrix());
        var after = MeanMaxCosine(new FeatureDictionary(200, 40, 2, new() { OrthogonalSteps = 100, LearningRate = 3e-3 }).ToMatrix());
        Assert.True(after < 0.95 * before, $"{before} → {after}");
    }

    [Fact]
    public void The_steps_are_those_of_Adam_on_the_loss_over_all_pairs()
    {
        const int N = 9, D = 5, Steps = 4;
        const double Rate = 0.01;
        var start = new FeatureDictionary(N, D, 3, new() { OrthogonalSteps = 0 }).ToMatrix();
        var (e, m, v) = (new double[N, D], new double[N, D], new double[N, D]);
        for (var i = 0; i < N; i++)
            for (var j = 0; j < D; j++) e[i, j] = start[i, j];
        for (var step = 1; step <= Steps; step++)
        {
            var gradient = new double[N, D];
            for (var i = 0; i < N; i++)
                for (var other = 0; other < N; other++)
                {
                    var dot = Enumerable.Range(0, D).Sum(j => e[i, j] * e[other, j]);
                    var factor = i == other ? 4 * N * (dot - 1) : 4 * dot;   // each pair counts twice
                    for (var j = 0; j < D; j++) gradient[i, j] += factor * e[other, j];
                }
            for (var i = 0; i < N; i++)
                for (var j = 0; j < D; j++)
                {
                    m[i, j] = 0.9 * m[i, j] + 0.1 * gradient[i, j];
                    v[i, j] = 0.999 * v[i, j] + 0.001 * gradient[i, j] * gradient[i, j];
                    e[i, j] -= Rate * m[i, j] / (1 - Math.Pow(0.9, step)) / (Math.Sqrt(v[i, j] / (1 - Math.Pow(0.999, step))) + 1e-8);
                }
        }
        var found = new FeatureDictionary(N, D, 3, new() { OrthogonalSteps = Steps, LearningRate = Rate }).ToMatrix();
        for (var i = 0; i < N; i++)
        {
            var norm = Math.Sqrt(Enumerable.Range(0, D).Sum(j => e[i, j] * e[i, j]));
            for (var j = 0; j < D; j++) Assert.Equal(e[i, j] / norm, found[i, j], 1e-4);
        }
    }

    [Fact]
    public void The_same_seed_gives_the_same_bytes_and_another_seed_others()
    {
        var dictionaries = new[] { 1L, 1, 2 }.Select(seed => new FeatureDictionary(130, 70, seed, new() { OrthogonalSteps = 3 }).ToMatrix().Cast<float>().ToArray()).ToArray();
        Assert.Equal(dictionaries[0], dictionaries[1]);
        Assert.NotEqual(dictionaries[0], dictionaries[2]);
    }

    static double MeanMaxCosine(float[,] e) => Enumerable.Range(0, e.GetLength(0))
        .Average(i => Enumerable.Range(0, e.GetLength(0)).Where(j => j != i).Max(j => Math.Abs(Dot(e, i, j))));

    static double Dot(float[,] e, int i, int j) => Enumerable.Range(0, e.GetLength(1)).Sum(k => (double)e[i, k] * e[j, k]);
}

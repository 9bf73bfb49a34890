using Superposition.Autoencoders;
using Superposition.Native;
using Xunit;
using static TorchSharp.torch;

namespace Superposition.Tests.Autoencoders;

public sealed class SparseAutoencoderMetricsTests
{
    static SparseAutoencoderMetricsTests() => TorchLibrary.EnsureLoaded();

    [Fact]
    public void A_small_case_by_hand()
    {
        // x̄ = (2, 1); Σ‖x − x̄‖² = 5 + 5 = 10; Σ‖x − x̂‖² = (1 + 0) + (0 + 4) = 5; three latents of two rows are not zero.
        var metrics = Of([[1, 3], [3, -1]], [[0, 3], [3, 1]], [[1, 0, 0.5f], [0, 2, 0]], loss: 7, dead: 0.25);
        Assert.Equal(new(Loss: 7, SquaredError: 2.5, ExplainedVariance: 0.5, L0: 1.5, DeadFraction: 0.25), metrics);
    }

    [Fact]
    public void A_perfect_reconstruction_explains_everything_and_the_mean_nothing()
    {
        float[][] x = [[1, 3], [3, -1], [2, 4]];
        Assert.Equal(1, Of(x, x, [[0], [0], [0]]).ExplainedVariance);
        Assert.Equal(0, Of(x, [[2, 2], [2, 2], [2, 2]], [[0], [0], [0]]).ExplainedVariance, 1e-6);
        Assert.InRange(Of(x, [[9, 9], [9, 9], [9, 9]], [[0], [0], [0]]).ExplainedVariance, double.NegativeInfinity, -1);
    }

    /// <summary>
    /// Of rows far from 0, E‖x‖² is nearly all mean: an explained variance by it would be near 1 for whatever stays near the mean (SAELens before
    /// PR 665, SAEBench 0.6.0).
    /// </summary>
    [Fact]
    public void What_is_explained_is_the_variance_about_the_mean_however_far_it_lies_from_0()
    {
        float[][] near = [[1, 3], [3, -1], [2, 4], [-2, 0]];
        float[][] guess = [[1, 2], [2, 0], [1, 3], [-1, 1]];
        var expected = Of(near, guess, [[0], [0], [0], [0]]).ExplainedVariance;
        Assert.InRange(expected, 0.5, 0.9);
        float[][] Far(float[][] rows) => [.. rows.Select(row => row.Select(v => v + 128).ToArray())];
        Assert.Equal(expected, Of(Far(near), Far(guess), [[0], [0], [0], [0]]).ExplainedVariance, 1e-6);
        Assert.Equal(0, Of(Far(near), Far([[1, 1.5f], [1, 1.5f], [1, 1.5f], [1, 1.5f]]), [[0], [0], [0], [0]]).ExplainedVariance, 1e-6);
    }

    [Fact]
    public void Of_data_without_variance_there_is_nothing_to_explain() =>
        Assert.Equal(double.NaN, Of([[2, 1], [2, 1]], [[2, 1], [2, 1]], [[0], [0]]).ExplainedVariance);

    /// <summary>The history is of the batch the step was made on, before its update.</summary>
    [Fact]
    public void The_history_has_the_first_step_each_so_many_and_the_last()
    {
        var view = Recorded.View(Recorded.Normal(1, 100, 6));
        var options = new TopKOptions { Latents = 9, K = 2, Seed = 1, Samples = 950, BatchSize = 100, HistoryEvery = 4 };
        var history = options.Train(view).History;
        Assert.Equal(10, options.Steps);   // the last batch is filled up
        Assert.Equal([1L, 4, 8, 10], history.Steps);
        Assert.All(history.Metrics, at =>
        {
            Assert.Equal(at.SquaredError, at.Loss);   // none is dead yet, so AuxK adds nothing
            Assert.InRange(at.L0, 0, 2);
            Assert.Equal(0, at.DeadFraction);
        });
    }

    [Fact]
    public void The_first_point_is_the_untrained_autoencoder_on_the_first_batch()
    {
        var rows = Recorded.Normal(2, 50, 6);
        var options = new TopKOptions { Latents = 9, K = 9, Seed = 1, Samples = 50, BatchSize = 50 };
        var begun = options.Still().Train(Recorded.View(rows)).Autoencoder;
        var errors = rows.Select(x =>
        {
            var centred = x.Select((v, i) => (double)v - begun.DecoderBias[i]).ToArray();
            var z = Enumerable.Range(0, 9).Select(j => Math.Max(0, centred.Select((v, i) => v * begun.Encoder[i, j]).Sum())).ToArray();
            return centred.Select((v, i) => v - z.Select((value, j) => value * begun.Decoder[j, i]).Sum()).Sum(e => e * e);
        });
        Assert.Equal(errors.Average(), options.Train(Recorded.View(rows)).History.Metrics[0].SquaredError, 1e-4);
    }

    static SparseAutoencoderMetrics Of(float[][] x, float[][] reconstruction, float[][] latents, float loss = 0, double dead = 0)
    {
        using var scope = NewDisposeScope();
        float[] errors = [.. x.Zip(reconstruction, (row, to) => row.Zip(to, (a, b) => (a - b) * (a - b)).Sum())];
        int[] fired = [.. Enumerable.Range(0, latents[0].Length).Select(j => latents.Count(row => row[j] != 0))];
        return SparseAutoencoderMetrics.Of(Tensor(x), new(loss, errors, fired, 0), dead);
    }

    static Tensor Tensor(float[][] rows) => tensor([.. rows.SelectMany(row => row)]).reshape(rows.Length, rows[0].Length);
}

using Superposition.Autoencoders;
using Superposition.DataViews;
using Xunit;

namespace Superposition.Tests.Autoencoders;

public sealed class SparseAutoencoderEvaluationTests
{
    // Latent 0 is half of x₀ where that is above 0, latent 1 all of x₁; latent 2 never fires. b_dec is (1, 0).
    static readonly SparseAutoencoder ByHand = new(
        new float[,] { { 0.5f, 0, 0 }, { 0, 1, 0 } }, [0, 0, -100], new float[,] { { 1, 0 }, { 0, 1 }, { 0, 1 } }, [1, 0], new ReluActivation());

    static readonly float[][] Rows = [[3, 0], [1, 2], [0, -1], [1, 0]];

    [Fact]
    public void By_hand()
    {
        // x − b_dec: (2, 0) (0, 2) (−1, −1) (0, 0); x̂: (2, 0) (1, 2) (1, 0) (1, 0); errors 1, 0, 1 + 1, 0.
        var found = Of(ByHand, Rows);
        Assert.Equal(4, found.Rows);
        Assert.Equal(0.5, found.L0);
        Assert.Equal(0.75, found.SquaredError, 1e-12);
        Assert.Equal(0.375, found.MeanSquaredError(2), 1e-12);
        // E‖x‖² = (9 + 5 + 1 + 1)/4 = 4, x̄ = (1.25, 0.25).
        Assert.Equal(4 - 1.25 * 1.25 - 0.25 * 0.25, found.Variance, 1e-12);
        Assert.Equal(1 - 0.75 / found.Variance, found.ExplainedVariance, 1e-12);
        Assert.Equal(0.75 / found.Variance, found.UnexplainedVariance, 1e-12);
        Assert.Equal([0.25, 0.25, 0], found.Firing);
        Assert.Equal(1.0 / 3, found.Dead, 1e-12);
        Assert.Equal(2.0 / 3, found.Dense(0.2), 1e-12);
        Assert.Equal(0, found.Dense(0.25));
        Assert.Equal((2.0 / 3 + 1 + 1 + 1) / 4, found.Shrinkage, 1e-7);
        Assert.Equal((4.0 + 5 + 1 + 1) / (6 + 5 + 0 + 1), found.ReconstructionBias, 1e-12);
    }

    /// <summary>SAEBench issue 76 and SAELens PR 665: both mistakes are near 1 on data far from 0, whatever the autoencoder does.</summary>
    [Fact]
    public void Variance_is_about_the_mean_and_ratios_are_not_averaged()
    {
        float[][] far = [.. Recorded.Normal(seed: 2, rows: 3000, dimensions: 2).Select(row => new[] { row[0] + 100, row[1] - 50 })];
        var mean = new[] { far.Average(row => row[0]), far.Average(row => row[1]) };
        var constant = ByHand with { EncoderBias = [-1000, -1000, -1000], DecoderBias = mean };   // explains nothing but the mean
        Assert.Equal(0, Of(constant, far).ExplainedVariance, 1e-4);
        Assert.Equal(2, Of(constant, far).Variance, 0.15);
    }

    [Fact]
    public void Latents_are_told_row_by_row_across_batches()
    {
        float[][] rows = [.. Enumerable.Range(0, 2500).Select(r => new[] { 1f, r % 3 - 1 })];
        var seen = new List<(long, int, float)>();
        SparseAutoencoderEvaluation.Of(ByHand, Recorded.View(rows), "Activations", 2500, observe: (row, latents, values) =>
        {
            for (var c = 0; c < latents.Length; c++) seen.Add((row, latents[c], values[c]));
        }, cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(Enumerable.Range(0, 2500).Where(r => r % 3 == 2).Select(r => ((long)r, 1, 1f)), seen);
    }

    [Fact]
    public void Rows_come_round_again_and_a_batch_selection_sees_batches()
    {
        Assert.Equal(Of(ByHand, Rows).ExplainedVariance, Of(ByHand, [.. Rows, .. Rows, .. Rows]).ExplainedVariance, 1e-12);
        var batched = ByHand with { Activation = new BatchTopKActivation(0.25) };   // one latent for the four rows
        Assert.Equal(0.25, Of(batched, Rows).L0);
    }

    [Fact]
    public void Activations_of_another_width_are_refused() =>
        Assert.Equal(InputDataReason.WrongSize, Assert.Throws<InputDataException>(() => Of(ByHand, [[1, 2, 3], [0, 0, 0]])).Reason);

    static SparseAutoencoderEvaluation Of(SparseAutoencoder autoencoder, float[][] rows) =>
        SparseAutoencoderEvaluation.Of(autoencoder, Recorded.View(rows), "Activations", rows.Length);
}

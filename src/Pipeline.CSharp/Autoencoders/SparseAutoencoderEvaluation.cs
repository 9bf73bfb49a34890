using System.Runtime.InteropServices;
using Microsoft.ML;
using Superposition.DataViews;
using Superposition.Training;
using static TorchSharp.torch;

namespace Superposition.Autoencoders;

/// <summary>The latents of a row that was evaluated.</summary>
/// <param name="row">Rows before it.</param>
/// <param name="latents">Which are not 0, ascending.</param>
/// <param name="values">Their values.</param>
public delegate void LatentsOfRow(long row, ReadOnlySpan<int> latents, ReadOnlySpan<float> values);

/// <summary>How a trained autoencoder does on rows it need not have seen; sums are in double precision.</summary>
/// <param name="Rows">How many.</param>
/// <param name="L0">Mean number of latents a row that are not 0.</param>
/// <param name="SquaredError">Mean of ‖y − ŷ‖², y being the input but for a transcoder.</param>
/// <param name="Variance">Mean of ‖y − ȳ‖², ȳ the mean over all rows.</param>
/// <param name="Shrinkage">Mean of ‖ŷ‖/‖y‖ over rows with ‖y‖ of at least 1e-6; 1 shrinks nothing (SAELens synthetic/evals.py).</param>
/// <param name="ReconstructionBias">Σ‖ŷ‖² / Σ⟨y, ŷ⟩; 1 is unbiased (Rajamanoharan et al. 2024, "Gated", eq. 10).</param>
/// <param name="Firing">[m] The share of rows each latent fired on.</param>
public sealed record SparseAutoencoderEvaluation(
    long Rows, double L0, double SquaredError, double Variance, double Shrinkage, double ReconstructionBias, double[] Firing)
{
    /// <summary>Rows that are encoded together: where a batch selects together, it is the batch of training.</summary>
    const int Batch = 1024;

    const double LeastNorm = 1e-6;

    /// <summary>Mean of (y − ŷ)² over coordinates too, what libraries call MSE.</summary>
    public double MeanSquaredError(int dimensions) => SquaredError / dimensions;

    /// <summary>Fraction of variance unexplained, Σ‖y − ŷ‖² / Σ‖y − ȳ‖² (EleutherAI/sparsify); NaN where all rows are alike.</summary>
    public double UnexplainedVariance => Variance > 0 ? SquaredError / Variance : double.NaN;

    /// <summary>
    /// 1 − Σ‖y − ŷ‖² / Σ‖y − ȳ‖². Two others are in use and wrong: the mean of each row's ratio, which rows near the mean rule, and the
    /// ratio to E[y²] in place of the variance, which flatters whoever learns b_dec (SAEBench issue 76; SAELens PR 665).
    /// </summary>
    public double ExplainedVariance => 1 - UnexplainedVariance;

    /// <summary>Share of latents that never fired.</summary>
    public double Dead => (double)Firing.Count(share => share == 0) / Firing.Length;

    /// <summary>Share of latents that fired on more than such a share of rows; 0.1 is SAEBench's.</summary>
    public double Dense(double share = 0.1) => (double)Firing.Count(firing => firing > share) / Firing.Length;

    /// <summary>Evaluates on the first rows of a column; of a world on its stream −1, which nobody trains on.</summary>
    /// <param name="autoencoder">What is evaluated.</param>
    /// <param name="view">The rows, in their order; from the start again after the last.</param>
    /// <param name="column">Activations [d] in it.</param>
    /// <param name="rows">How many; at least 1.</param>
    /// <param name="targetColumn">What is to be reconstructed where it is not the input.</param>
    /// <param name="observe">Told the latents of each row, in order.</param>
    /// <param name="cancellation">Stops at the next batch.</param>
    /// <exception cref="InputDataException">A column is missing, of another type or size, empty, or not finite.</exception>
    public static SparseAutoencoderEvaluation Of(
        SparseAutoencoder autoencoder, IDataView view, string column, long rows, string? targetColumn = null, LatentsOfRow? observe = null,
        CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        CheckWidth(view, column, autoencoder.Dimensions);
        if (targetColumn is not null) CheckWidth(view, targetColumn, autoencoder.OutputDimensions);
        using var pass = new AutoencoderPass(autoencoder);
        using var scope = NewDisposeScope();
        using var feed = targetColumn is null ? RowFeed.Of(view, column, stream: -1, seed: null) : new ViewFeed(view, [column, targetColumn], seed: null);
        var (d, width) = (autoencoder.Dimensions, autoencoder.OutputDimensions);
        var sums = new Sums(autoencoder.Latents, width);
        for (var done = 0L; done < rows; done += Batch)
        {
            cancellation.ThrowIfCancellationRequested();
            using var inner = NewDisposeScope();
            var count = (int)Math.Min(Batch, rows - done);
            var batch = empty(count, targetColumn is null ? d : d + width);
            feed.Next(MemoryMarshal.Cast<byte, float>(batch.bytes));
            var (x, y) = targetColumn is null ? (batch, batch) : (batch.narrow(1, 0, d).contiguous(), batch.narrow(1, d, width).contiguous());
            var selected = pass.Encode(x);
            var reconstructions = pass.Decode(selected, count, pass.Skip(x));
            var targets = MemoryMarshal.Cast<byte, float>(y.bytes);
            for (var row = 0; row < count; row++)
            {
                var (latents, values) = selected[row];
                sums.Add(targets.Slice(row * width, width), reconstructions.AsSpan(row * width, width), latents.Span);
                observe?.Invoke(done + row, latents.Span, values.Span);
            }
        }
        return sums.Evaluation();
    }

    static void CheckWidth(IDataView view, string column, int expected)
    {
        var (_, width) = SourceColumn.Find(view.Schema, column);
        if (width != expected)
            throw new InputDataException(InputDataReason.WrongSize,
                $"Column \"{column}\": expected vectors of {expected}, as the autoencoder was trained on, found {width}. Take the activations it was made for.");
    }

    sealed class Sums(int latents, int width)
    {
        readonly long[] fired = new long[latents];
        readonly double[] mean = new double[width];
        double error, square, inner, reconstructed, ratios;
        long rows, withNorm, active;

        public void Add(ReadOnlySpan<float> y, ReadOnlySpan<float> estimate, ReadOnlySpan<int> on)
        {
            rows++;
            active += on.Length;
            foreach (var latent in on) fired[latent]++;
            var (e, ny, nz, yz) = (0.0, 0.0, 0.0, 0.0);
            for (var i = 0; i < y.Length; i++)
            {
                double a = y[i], b = estimate[i];
                mean[i] += a;
                e += (a - b) * (a - b);
                ny += a * a;
                nz += b * b;
                yz += a * b;
            }
            error += e;
            square += ny;
            reconstructed += nz;
            inner += yz;
            if (!(Math.Sqrt(ny) >= LeastNorm)) return;
            withNorm++;
            ratios += Math.Sqrt(nz / ny);
        }

        public SparseAutoencoderEvaluation Evaluation() => new(
            rows, (double)active / rows, error / rows,
            Math.Max(0, square / rows - mean.Sum(sum => sum / rows * (sum / rows))),
            ratios / withNorm, reconstructed / inner, [.. fired.Select(count => (double)count / rows)]);
    }
}

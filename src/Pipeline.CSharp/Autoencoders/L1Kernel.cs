namespace Superposition.Autoencoders;

/// <summary>
/// The sparse step of a ReLU autoencoder with a price on activity, λ Σ_j (z_j‖d_j‖)^p or its p-th root; L1 has p = 1. Norms count as 1
/// where decoder rows have norm 1.
/// </summary>
internal sealed class L1Kernel(SparseAutoencoderOptions options, Func<SparseBatch, ActivityPrice> price, Action<double, double>? end = null)
    : SparseKernel
{
    readonly bool free = options.DecoderNorm == DecoderNorm.Free;
    ActivityPrice now = new(0, 1, 1, false);
    double[] penalties = [], nextPenalties = [];

    public override int Channels => 1;

    public override int FiringChannels => 1;

    public override bool HasNormGradient => free;

    public override void Begin(SparseBatch batch)
    {
        now = price(batch);
        if (penalties.Length != batch.Rows) (penalties, nextPenalties) = (new double[batch.Rows], new double[batch.Rows]);
    }

    public override double Row(SparseRow row)
    {
        var (batch, first) = (row.Batch, row.Count);
        batch.Fill(row.Index, weighted: false, row.Scores);
        for (var j = 0; j < row.Scores.Length; j++)
            if (row.Scores[j] is > 0 and var h)
            {
                row.Add(j, h, 0);
                row.LeastKept = Math.Min(row.LeastKept, h * (free ? batch.Norms[j] : 1));
            }
        row.Error = row.Reconstruct(first, row.Count - first, row.Count - first, channel: 0);
        return row.Error + now.Coefficient * Price(row, first);
    }

    double Price(SparseRow row, int first)
    {
        var (latents, z, _, dh) = row.Entries;
        var (p, sum, next) = (now.Power, 0.0, 0.0);
        for (var e = first; e < row.Count; e++)
        {
            var weighted = Weighted(e);
            sum += p == 1 ? weighted : Math.Pow(weighted, p);
            if (end is not null) next += Math.Pow(weighted, now.NextPower);
        }
        var (root, nextRoot) = (now.TakesRoot ? 1 / p : 1, now.TakesRoot ? 1 / now.NextPower : 1);
        var share = sum == 0 ? 0 : now.Coefficient / row.Batch.Rows * root * Math.Pow(sum, root - 1);
        for (var e = first; e < row.Count; e++)
        {
            var slope = (float)(share * (p == 1 ? 1 : p * Math.Pow(Weighted(e), p - 1)));
            dh[e] += slope * (free ? row.Batch.Norms[latents[e]] : 1);
            if (free) row.Extra(0)[e] = slope * z[e];
        }
        (penalties[row.Index], nextPenalties[row.Index]) = (Math.Pow(sum, root), Math.Pow(next, nextRoot));
        return penalties[row.Index];

        double Weighted(int e) => (double)z[e] * (free ? row.Batch.Norms[latents[e]] : 1);
    }

    public override void End(SparseBatch batch) => end?.Invoke(penalties.Average(), nextPenalties.Average());
}

/// <summary>What activity costs at a step.</summary>
/// <param name="Coefficient">λ</param>
/// <param name="Power">p</param>
/// <param name="NextPower">The p that comes next.</param>
/// <param name="TakesRoot">Whether the p-th root of a sample's sum is taken.</param>
internal readonly record struct ActivityPrice(double Coefficient, double Power, double NextPower, bool TakesRoot);

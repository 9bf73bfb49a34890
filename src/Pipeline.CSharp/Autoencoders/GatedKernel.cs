namespace Superposition.Autoencoders;

/// <summary>
/// The sparse step of <see cref="Gated"/>. A latent whose gate is open has up to two entries: its magnitude, which reconstructs, and its
/// gate's opening π, which tries to.
/// </summary>
internal sealed class GatedKernel(GatedOptions options, Gated architecture) : SparseKernel
{
    const int MagnitudeBiasSlot = 0, LogMagnitudeSlot = 1, NormSlot = 2;
    const int Magnitudes = 0, Gates = 1;

    readonly bool free = options.DecoderNorm == DecoderNorm.Free;
    double price;

    public override int Channels => 2;

    public override int FiringChannels => 1;

    public override IReadOnlyList<int> BiasChannels => options.DetachesAuxiliary ? [Magnitudes] : [Magnitudes, Gates];

    public override bool ReachesEncoderBias(int channel) => channel == Gates;

    public override IReadOnlyList<string> OwnGradients => [Gated.MagnitudeBias, Gated.LogMagnitude];

    public override bool HasNormGradient => free;

    public override void Begin(SparseBatch batch) => price = architecture.Price(batch.Step);

    public override double Row(SparseRow row)
    {
        var (batch, first) = (row.Batch, row.Count);
        var bias = batch.Own(MagnitudeBiasSlot);
        var log = batch.Own(LogMagnitudeSlot);
        batch.Fill(row.Index, weighted: false, row.Scores);
        for (var j = 0; j < row.Scores.Length; j++)
        {
            if (!(row.Scores[j] > 0)) continue;
            var magnitude = (row.Scores[j] - batch.EncoderBias(j)) * MathF.Exp(log[j]) + bias[j];
            if (!(magnitude > 0)) continue;
            row.Add(j, magnitude, Magnitudes);
            row.LeastKept = Math.Min(row.LeastKept, magnitude * (free ? batch.Norms[j] : 1));
        }
        var gates = row.Count;
        for (var j = 0; j < row.Scores.Length; j++) if (row.Scores[j] > 0) row.Add(j, row.Scores[j], Gates);

        row.Error = row.Reconstruct(first, gates - first, gates - first, Magnitudes);
        var loss = (double)row.Error + row.Reconstruct(gates, row.Count - gates, row.Count - gates, Gates);
        var (latents, z, _, dh) = row.Entries;
        for (var e = first; e < gates; e++)
        {
            var scale = MathF.Exp(log[latents[e]]);
            row.Extra(MagnitudeBiasSlot)[e] = dh[e];
            row.Extra(LogMagnitudeSlot)[e] = dh[e] * (z[e] - bias[latents[e]]);
            dh[e] *= scale;
        }
        var (sum, share) = (0.0, (float)(price / batch.Rows));
        for (var e = gates; e < row.Count; e++)
        {
            var norm = free ? batch.Norms[latents[e]] : 1;
            sum += z[e] * norm;
            dh[e] += share * norm;
            if (free) row.Extra(NormSlot)[e] = share * z[e];
            if (options.DetachesAuxiliary) z[e] = 0;   // the decoder does not learn from the attempt
        }
        return loss + price * sum;
    }
}

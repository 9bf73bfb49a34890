using System.Numerics.Tensors;

namespace Superposition.Autoencoders;

/// <summary>
/// The sparse step of <see cref="Gated"/>. A latent whose gate is open has up to two entries: its magnitude, which reconstructs, and its
/// gate's opening π, which tries to.
/// </summary>
internal sealed unsafe class GatedKernel(GatedOptions options, Gated architecture) : SparseKernel
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
        var (batch, first, width) = (row.Batch, row.Count, row.Width);
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

        row.Error = Reconstruct(row, first, gates - first, Magnitudes);
        var loss = (double)row.Error + Reconstruct(row, gates, row.Count - gates, Gates);
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

    // ‖x − x̂‖² of some entries, and their gradient.
    static float Reconstruct(SparseRow row, int from, int count, int channel)
    {
        var width = row.Width;
        float* reconstruction = stackalloc float[width], residual = stackalloc float[width];
        row.DecodeBias(reconstruction);
        row.AddEntries(reconstruction, from, count);
        var error = row.Residual(reconstruction, residual);
        TensorPrimitives.Multiply(new ReadOnlySpan<float>(residual, width), -2f / row.Batch.Rows, new Span<float>(row.Channel(channel), width));
        row.Backward(row.Channel(channel), from, count);
        return error;
    }
}

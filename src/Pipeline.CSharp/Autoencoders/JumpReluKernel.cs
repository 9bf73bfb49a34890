using System.Numerics.Tensors;
using System.Runtime.Intrinsics;

namespace Superposition.Autoencoders;

/// <summary>
/// The sparse step of <see cref="JumpRelu"/>. Entries are the latents above their threshold and those within half a window below it, which
/// add nothing but have a gradient for θ; dead ones that are to be revived follow.
/// </summary>
internal sealed class JumpReluKernel(JumpReluOptions options, JumpRelu architecture) : SparseKernel
{
    const int ThresholdSlot = 0, NormSlot = 1;

    readonly bool free = options.DecoderNorm == DecoderNorm.Free;
    readonly float window = (float)(options.Bandwidth / 2), height = (float)(1 / options.Bandwidth);
    float[] floors = [];   // θ − ε/2
    double price, miss;

    public override int Channels => 1;

    public override int FiringChannels => 1;

    public override IReadOnlyList<string> OwnGradients => [JumpRelu.Threshold];

    public override bool HasNormGradient => free && (options.Penalty == JumpReluPenalty.Tanh || options.DeadCoefficient > 0);

    public override void Begin(SparseBatch batch)
    {
        price = architecture.Price(batch.Step);
        if (floors.Length != batch.Latents) floors = new float[batch.Latents];
        TensorPrimitives.Subtract(batch.Own(ThresholdSlot), window, floors);
        if (options.Penalty == JumpReluPenalty.Quadratic) miss = L0(batch) / options.TargetL0!.Value - 1;
    }

    static double L0(SparseBatch batch)
    {
        var counts = new long[batch.Rows];
        Parallel.For(0, batch.Rows, () => new float[batch.Latents], (row, _, h) =>
        {
            batch.Fill(row, weighted: false, h);
            var threshold = batch.Own(ThresholdSlot);
            for (var j = 0; j < h.Length; j++) if (h[j] > threshold[j]) counts[row]++;
            return h;
        }, _ => { });
        return (double)counts.Sum() / batch.Rows;
    }

    public override double Row(SparseRow row)
    {
        var (batch, first) = (row.Batch, row.Count);
        var threshold = batch.Own(ThresholdSlot);
        batch.Fill(row.Index, weighted: false, row.Scores);
        var touched = Touched(row.Scores, row.Indices);
        for (var c = 0; c < touched; c++)   // those above first: only they are decoded
            if (row.Indices[c] is var j && row.Scores[j] > threshold[j])
            {
                row.Add(j, row.Scores[j], 0);
                row.LeastKept = Math.Min(row.LeastKept, row.Scores[j] * (free ? batch.Norms[j] : 1));
            }
        var open = row.Count - first;
        for (var c = 0; c < touched; c++)
            if (row.Indices[c] is var j && !(row.Scores[j] > threshold[j])) row.Add(j, 0, 0);

        var loss = (double)(row.Error = row.Reconstruct(first, open, row.Count - first, channel: 0));
        loss += options.Penalty switch
        {
            JumpReluPenalty.Tanh => Tanh(row, first),
            JumpReluPenalty.Step => price * open,
            _ => price * miss * miss,
        };
        Estimate(row, first, open, threshold);
        return options.DeadCoefficient > 0 ? loss + Revive(row, threshold) : loss;
    }

    // Latents above θ − ε/2, ascending.
    int Touched(float[] h, int[] indices)
    {
        var count = 0;
        for (var at = 0; at < h.Length; at += Vector512<float>.Count)
        {
            var end = Math.Min(at + Vector512<float>.Count, h.Length);
            if (end - at == Vector512<float>.Count
                && !Vector512.GreaterThanAny(Vector512.LoadUnsafe(ref h[at]), Vector512.LoadUnsafe(ref floors[at]))) continue;
            for (var j = at; j < end; j++) if (h[j] > floors[j]) indices[count++] = j;
        }
        return count;
    }

    // λ tanh(c z‖d‖): adds to ∂loss/∂z, which those below θ have as well, and to the norm's gradient.
    double Tanh(SparseRow row, int first)
    {
        var (latents, z, _, dh) = row.Entries;
        var (sum, scale, share) = (0.0, (float)options.TanhScale, (float)(price / row.Batch.Rows));
        for (var e = first; e < row.Count; e++)
        {
            var norm = free ? row.Batch.Norms[latents[e]] : 1;
            var t = MathF.Tanh(scale * z[e] * norm);
            sum += t;
            var slope = share * scale * (1 - t * t);
            dh[e] += slope * norm;
            if (HasNormGradient) row.Extra(NormSlot)[e] += slope * z[e];
        }
        return price * sum;
    }

    // From ∂loss/∂z to ∂loss/∂h and, by the estimates, ∂loss/∂θ.
    void Estimate(SparseRow row, int first, int open, ReadOnlySpan<float> threshold)
    {
        var (latents, _, _, dh) = row.Entries;
        var ofStep = options.Penalty switch
        {
            JumpReluPenalty.Step => price / row.Batch.Rows,
            JumpReluPenalty.Quadratic => price * 2 * miss / options.TargetL0!.Value / row.Batch.Rows,
            _ => 0,
        };
        for (var e = first; e < row.Count; e++)
        {
            var j = latents[e];
            if (MathF.Abs(row.Scores[j] - threshold[j]) < window)
                row.Extra(ThresholdSlot)[e] = -height * (threshold[j] * dh[e] + (float)ofStep);
            if (e >= first + open) dh[e] = 0;
        }
    }

    double Revive(SparseRow row, ReadOnlySpan<float> threshold)
    {
        var (sum, share) = (0.0, (float)(options.DeadCoefficient / row.Batch.Rows));
        foreach (var dead in row.Batch.Dead)
        {
            var j = (int)dead;
            var below = threshold[j] - row.Scores[j];
            if (!(below > 0)) continue;
            var norm = row.Batch.Norms[j];
            sum += below * norm;
            row.Add(j, 0, 0);
            var e = row.Count - 1;
            row.Entries.DH[e] = -share * norm;
            row.Extra(ThresholdSlot)[e] = share * norm;
            if (HasNormGradient) row.Extra(NormSlot)[e] = share * below;
        }
        return options.DeadCoefficient * sum;
    }
}

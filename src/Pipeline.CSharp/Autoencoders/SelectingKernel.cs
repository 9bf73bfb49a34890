using System.Numerics.Tensors;

namespace Superposition.Autoencoders;

/// <summary>
/// The sparse step of architectures that keep the largest latents; see <see cref="SelectingArchitecture"/>. Level l's error is felt by all
/// latents up to its end, so what reaches a latent of level c is the sum of the gradients of the levels from c on.
/// </summary>
internal sealed unsafe class SelectingKernel(SelectingArchitecture architecture, LatentSelection selection) : SparseKernel
{
    readonly IReadOnlyList<int> levels = architecture.Levels;
    readonly bool weighted = architecture.WeighsByNorm;
    long[][] deadOfLevel = [];   // those that try at each level's residual

    // Levels first, then the attempts at their residuals.
    public override int Channels => 2 * levels.Count;

    public override int FiringChannels => levels.Count;

    public override void Begin(SparseBatch batch)
    {
        selection.Begin(batch, weighted);
        var dead = architecture.Options.AuxiliaryCoefficient == 0 ? [] : batch.Dead;
        deadOfLevel = [.. levels.Select((end, level) => architecture.AuxiliaryByLevel
            ? dead.Where(j => j < end && (level == 0 || j >= levels[level - 1])).ToArray()
            : level == levels.Count - 1 ? dead : [])];
    }

    public override double Row(SparseRow row)
    {
        var starts = stackalloc int[levels.Count + 1];
        Select(row, starts);
        var (width, loss) = (row.Width, 0.0);
        float* reconstruction = stackalloc float[width], residual = stackalloc float[width];
        row.DecodeBias(reconstruction);
        for (var level = 0; level < levels.Count; level++)
        {
            row.AddEntries(reconstruction, starts[level], starts[level + 1] - starts[level]);
            loss += row.Error = row.Residual(reconstruction, residual);
            row.SetGradient(level, residual);
            if (deadOfLevel[level].Length > 0) loss += Auxiliary(row, residual, level);
        }
        for (var level = levels.Count - 2; level >= 0; level--) WeightedRows.Add(row.Channel(level), row.Channel(level + 1), 1, width);
        for (var level = 0; level < levels.Count; level++)
            row.Backward(row.Channel(level), starts[level], starts[level + 1] - starts[level]);
        return loss;
    }

    // Entries of what is kept, level after level; starts [levels + 1] of each.
    void Select(SparseRow row, int* starts)
    {
        var (count, level) = (selection.Row(row, weighted), 0);
        starts[0] = row.Count;
        for (var c = 0; c < count; c++)
        {
            var (latent, score) = (row.Indices[c], row.Values[c]);
            while (latent >= levels[level]) starts[++level] = row.Count;
            row.LeastKept = Math.Min(row.LeastKept, Math.Abs(score));
            row.Add(latent, weighted ? score / row.Batch.Norms[latent] : score, level);
        }
        while (level < levels.Count) starts[++level] = row.Count;
    }

    // α‖ê − e‖² of the dead latents' attempt ê at the residual e, which is held constant.
    double Auxiliary(SparseRow row, float* residual, int level)
    {
        var (dead, half, width, first) = (deadOfLevel[level], SelectingArchitecture.Half(row.Width), row.Width, row.Count);
        for (var c = 0; c < dead.Length; c++)
        {
            var h = row.Batch.PreActivation(row.Index, (int)dead[c]);
            (row.Indices[c], row.Values[c]) = ((int)dead[c], weighted ? h * row.Batch.Norms[dead[c]] : h);
        }
        var tries = dead.Length > half ? TopKSelection.Keep(half, row.Indices, row.Values, dead.Length) : dead.Length;
        var channel = levels.Count + level;
        for (var c = 0; c < tries; c++) row.Add(row.Indices[c], row.Batch.PreActivation(row.Index, row.Indices[c]), channel);
        var miss = stackalloc float[width];
        new Span<float>(miss, width).Clear();
        row.AddEntries(miss, first, tries);
        WeightedRows.Add(miss, residual, -1, width);
        var weight = architecture.AuxiliaryWeight(dead.Length, half);
        TensorPrimitives.Multiply(new ReadOnlySpan<float>(miss, width), (float)(2 * weight / row.Batch.Rows), new Span<float>(row.Channel(channel), width));
        row.Backward(row.Channel(channel), first, tries);
        return weight * TensorPrimitives.SumOfSquares(new ReadOnlySpan<float>(miss, width));
    }
}

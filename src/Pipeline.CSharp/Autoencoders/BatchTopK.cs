using static TorchSharp.torch;

namespace Superposition.Autoencoders;

/// <summary>
/// BatchTopK: the k·B largest latents of a batch are kept, so that a sample may have more than another (Bussmann et al. 2024,
/// "BatchTopK Sparse Autoencoders"). Served as JumpReLU with the mean of the least score that was kept, h_j‖d_j‖ with free decoder rows.
/// Loss as of TopK.
/// </summary>
public sealed record BatchTopKOptions : SelectingOptions
{
    /// <summary>k, mean latents kept a sample; above 0 and at most m, may be fractional.</summary>
    public required double K { get; init; }

    /// <inheritdoc/>
    public override SparseAutoencoderOptions ForL0(double target) => this with { K = target };

    internal override Architecture Architecture => new BatchTopK(this, K, [Latents]);

    internal override IEnumerable<string> Problems() => [.. base.Problems(), .. TargetProblems(nameof(K), K)];
}

/// <summary>The selection by batch, over one level or several.</summary>
internal sealed class BatchTopK(SelectingOptions options, double k, IReadOnlyList<int> levels, bool auxiliaryByLevel = false) : SelectingArchitecture(options)
{
    // Of the smoothed threshold (SAELens batchtopk_sae.py). There it begins at 0; here at the first least score, which a short training
    // would else never reach.
    const double Rate = 0.01;

    readonly double[] threshold = [double.NaN];

    public override IReadOnlyList<int> Levels => levels;

    public override bool AuxiliaryByLevel => auxiliaryByLevel;

    /// <summary>How many latents of a batch are kept.</summary>
    public int Kept(long rows) => (int)Math.Min(k * rows, (double)Options.Latents * rows);

    protected override Tensor Select(Tensor pre, Tensor score)
    {
        var (_, indices) = nn.functional.relu(score).flatten().topk(Kept(pre.shape[0]), dim: 0, sorted: false);
        var flat = pre.flatten();
        return zeros_like(flat).scatter(0, indices, nn.functional.relu(flat.gather(0, indices))).reshape(pre.shape);
    }

    public override void Observe(StepOutcome outcome)
    {
        if (double.IsInfinity(outcome.LeastKept)) return;
        threshold[0] = double.IsNaN(threshold[0]) ? outcome.LeastKept : (1 - Rate) * threshold[0] + Rate * outcome.LeastKept;
    }

    protected override LatentSelection Selection => new LargestOfBatch(this);

    public override SparseActivation Activation(SparseAutoencoderParameters parameters, float[] norms)
    {
        var thresholds = new float[norms.Length];
        Array.Fill(thresholds, double.IsNaN(threshold[0]) ? 0 : (float)threshold[0]);
        return new JumpReluActivation(thresholds);
    }

    public override Span<double> State => threshold;
}

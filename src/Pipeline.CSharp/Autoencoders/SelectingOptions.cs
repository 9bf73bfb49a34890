using Superposition.Training;
using static TorchSharp.torch;

namespace Superposition.Autoencoders;

/// <summary>Architectures that keep the largest latents, so that no price shrinks what is kept.</summary>
public abstract record SelectingOptions : SparseAutoencoderOptions
{
    /// <summary>
    /// α, weight of the dead latents' attempt at the residual (AuxK); at least 0. Default 1/32 as in Gao et al. 2024, A.2; SAELens has 1.
    /// </summary>
    public double AuxiliaryCoefficient { get; init; } = 1.0 / 32;

    internal override IEnumerable<string> Problems()
    {
        foreach (var problem in base.Problems()) yield return problem;
        if (!(AuxiliaryCoefficient >= 0 && double.IsFinite(AuxiliaryCoefficient)))
            yield return $"AuxiliaryCoefficient is {AuxiliaryCoefficient}; it must be at least 0.";
    }
}

/// <summary>
/// What such architectures share. Latents are compared by their score, h_j with decoder rows of norm 1 and h_j‖d_j‖ with free ones; the
/// loss is ‖x − x̂‖², summed over nested prefixes of the dictionary where there are several, and AuxK.
/// </summary>
internal abstract class SelectingArchitecture(SelectingOptions options) : Architecture
{
    /// <summary>Where each nested prefix of the dictionary ends, ascending, the last at m.</summary>
    public virtual IReadOnlyList<int> Levels => [options.Latents];

    /// <summary>Whether each level's dead latents try at the residual of their own prefix, not of the whole.</summary>
    public virtual bool AuxiliaryByLevel => false;

    /// <summary>Whether scores are weighted by ‖d_j‖.</summary>
    public virtual bool WeighsByNorm => options.DecoderNorm == DecoderNorm.Free;

    /// <summary>The same selection for the sparse engine.</summary>
    protected abstract LatentSelection Selection { get; }

    /// <inheritdoc/>
    public override SparseKernel? Kernel => new SelectingKernel(this, Selection);

    /// <summary>[B, m] z. score: [B, m] of each pre-activation pre: [B, m].</summary>
    protected abstract Tensor Select(Tensor pre, Tensor score);

    /// <inheritdoc/>
    public sealed override Forward Forward(Batch batch, SparseAutoencoderParameters parameters)
    {
        var pre = parameters.Encode(batch.X);
        var score = WeighsByNorm ? pre * parameters.DecoderNorms() : pre;
        var latents = Select(pre, score);
        var (loss, reconstruction, start) = ((Tensor?)null, parameters.Base(batch.X), 0);
        foreach (var end in Levels)
        {
            var level = Levels.Count == 1 ? latents : latents.narrow(1, start, end - start);
            var rows = Levels.Count == 1 ? parameters.Decoder : parameters.Decoder.narrow(0, start, end - start);
            reconstruction = Sums.Of(level.matmul(rows), reconstruction);
            loss = Plus(loss, Squares.Rows(batch.Target, reconstruction).mean());
            if (AuxiliaryByLevel)
                loss = Plus(loss, Auxiliary(batch.Target - reconstruction, pre, score, parameters, [.. batch.Dead.Where(j => j >= start && j < end)]));
            start = end;
        }
        if (!AuxiliaryByLevel)
            loss = Plus(loss, Auxiliary(batch.Target - reconstruction, pre, score, parameters, batch.Dead));
        return new(loss!, latents, reconstruction);
    }

    static Tensor? Plus(Tensor? sum, Tensor? term) => sum is null ? term : term is null ? sum : Sums.Of(sum, term);

    // The k_aux = min(d/2, dead) highest scores of dead latents predict what the live ones left over; raw, without b_dec, and scaled
    // down while few are dead (SAELens topk_sae.py after PR 644).
    Tensor? Auxiliary(Tensor residual, Tensor pre, Tensor score, SparseAutoencoderParameters parameters, long[] dead)
    {
        if (options.AuxiliaryCoefficient == 0 || dead.Length == 0) return null;
        var (latents, half) = (tensor(dead), Half(residual.shape[1]));
        var deadPre = pre.index_select(1, latents);
        var (_, indices) = score.index_select(1, latents).topk((int)Math.Min(half, dead.Length), dim: 1, sorted: false);
        var estimate = zeros_like(deadPre).scatter(1, indices, deadPre.gather(1, indices)).matmul(parameters.Decoder.index_select(0, latents));
        var weight = tensor(AuxiliaryWeight(dead.Length, half), dtype: residual.dtype);
        return weight * Squares.Rows(estimate, residual.detach()).mean();
    }

    /// <summary>How many dead latents try at most.</summary>
    public static int Half(long dimensions) => (int)Math.Max(1, dimensions / 2);

    /// <summary>α, scaled down while few are dead.</summary>
    public double AuxiliaryWeight(int dead, int half) => options.AuxiliaryCoefficient * Math.Min(1.0, (double)dead / half);

    /// <summary>The options, for the sparse form.</summary>
    public SelectingOptions Options => options;
}

namespace Superposition.Autoencoders;

/// <summary>Architectures that keep k latents of each sample.</summary>
public abstract record KeepingOptions : SelectingOptions
{
    /// <summary>k, latents kept a sample; from 1 to m.</summary>
    public required int K { get; init; }

    /// <inheritdoc/>
    public override SparseAutoencoderOptions ForL0(double target) => this with { K = (int)Math.Round(target) };

    internal override IEnumerable<string> Problems()
    {
        foreach (var problem in base.Problems()) yield return problem;
        if (K < 1 || K > Latents) yield return $"K is {K}; it must be from 1 to Latents = {Latents}.";
    }
}

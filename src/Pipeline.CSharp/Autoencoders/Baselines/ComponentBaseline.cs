using TorchSharp;
using static TorchSharp.torch;

namespace Superposition.Autoencoders;

/// <summary>
/// Components of the data, of which there are at most d. A component has no sign of its own, so a latent keeps either (z = h on the k
/// largest |h|), and no direction is spent twice; or it stands as two latents, itself and its opposite, where none may be negative.
/// Both reconstruct the same from k latents, the second with twice the dictionary.
/// </summary>
public abstract record ComponentBaseline : DictionaryBaseline
{
    private protected ComponentBaseline() { }

    /// <summary>
    /// Whether latents 2i and 2i + 1 are component i and its opposite, neither ever negative, as an autoencoder's are (m even, at most 2d).
    /// By default latent i is component i, with its sign (m at most d).
    /// </summary>
    public bool Opposites { get; init; }

    /// <summary>[c, d] each: what takes the c foremost components out of x − b_dec, and their directions of norm 1.</summary>
    internal abstract (Tensor Encoder, Tensor Decoder) Components(CentredRows rows, int count);

    internal sealed override (Tensor Encoder, Tensor Decoder) Directions(CentredRows rows)
    {
        var (encoder, decoder) = Components(rows, Count);
        var signs = LongTails(rows, encoder);
        return (Signed(encoder * signs), Signed(decoder * signs));
    }

    internal sealed override SparseActivation Activation => Opposites ? new TopKActivation(K) : new AbsTopKActivation(K);

    internal override IEnumerable<string> Problems(int dimensions)
    {
        foreach (var problem in base.Problems(dimensions)) yield return problem;
        if (Opposites && Latents % 2 != 0) yield return $"Latents is {Latents}; with Opposites they come in pairs, so it must be even.";
        var most = Opposites ? 2L * dimensions : dimensions;
        if (Latents > most)
            yield return $"Latents is {Latents}; {dimensions} dimensions have {dimensions} components, "
                + (Opposites ? $"{most} latents with their opposites." : $"or {2L * dimensions} latents with Opposites.");
    }

    /// <summary>Components that are wanted.</summary>
    private protected int Count => Opposites ? Latents / 2 : Latents;

    // [c, 1] Which way each third moment is positive: of features that are seldom on, the way they point.
    static Tensor LongTails(CentredRows rows, Tensor encoder)
    {
        using var scope = NewDisposeScope();
        var moments = rows.Sum(x =>
        {
            var h = OrderedAlgebra.Product(x, encoder.T);
            return OrderedAlgebra.SumOfRows(h * h * h);
        });
        double[] signs = [.. moments.ToDoubles().Select(moment => moment < 0 ? -1.0 : 1)];
        return tensor(signs, signs.Length, 1).MoveToOuterDisposeScope();
    }

    // [m, d] Of [c, d].
    Tensor Signed(Tensor components) =>
        Opposites ? stack([components, -components], 1).reshape(Latents, components.shape[1]) : components;
}

using Superposition.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Superposition.Autoencoders;

/// <summary>
/// ICA: x − b_dec = Σ_j s_j a_j with s_j as independent as may be, by symmetric FastICA (Hyvärinen and Oja 2000, "Independent component
/// analysis: algorithms and applications", §6). On whitened rows u of the c foremost principal components, with g = tanh,
/// <code>W ← E[g(Wu)uᵀ] − diag(E[g′(Wu)]) W,   W ← (WWᵀ)^{−1/2} W</code>
/// until W stays. Decoder row j is a_j/‖a_j‖ and latent j is ‖a_j‖s_j, so the encoder unmixes: it is the decoder transposed only where the
/// a_j are at right angles. It finds independent features where there are no more of them than dimensions, of equal variances or not; in
/// superposition there are more, which is what an autoencoder is for.
/// </summary>
public sealed record IndependentComponents : ComponentBaseline
{
    const int StartPurpose = 30;

    /// <summary>
    /// Steps at most; at least 1. What is there then is taken: data that is no such mixture need not settle. Default 200, as scikit-learn.
    /// </summary>
    public int MaxIterations { get; init; } = 200;

    /// <summary>Stops when no row of W turned by more, as 1 − |cos|; above 0. Default 1e-4, as scikit-learn.</summary>
    public double Tolerance { get; init; } = 1e-4;

    internal override IEnumerable<string> Problems(int dimensions)
    {
        foreach (var problem in base.Problems(dimensions)) yield return problem;
        if (MaxIterations < 1) yield return $"MaxIterations is {MaxIterations}; it must be at least 1.";
        if (!(Tolerance > 0 && double.IsFinite(Tolerance))) yield return $"Tolerance is {Tolerance}; it must be above 0.";
    }

    internal override (Tensor Encoder, Tensor Decoder) Components(CentredRows rows, int count)
    {
        var axes = PrincipalAxes.Of(rows);
        if (axes.Rank is var rank && rank < count)
            OptionsException.ThrowIfAny(nameof(IndependentComponents),
                [$"Latents is {Latents}; the rows lie in {rank} dimensions, so it must be at most {(Opposites ? 2 * rank : rank)}."]);
        var deviations = axes.Variances.narrow(0, 0, count).sqrt().unsqueeze(1);
        var directions = axes.Directions.narrow(0, 0, count);
        var whitening = directions / deviations;
        var rotation = Rotation(rows, whitening);
        var mixing = OrderedAlgebra.Product(rotation, directions * deviations);
        var norms = mixing.norm(dim: 1, keepdim: true);
        return (OrderedAlgebra.Product(rotation, whitening) * norms, mixing / norms);
    }

    // [c, c] W; whitening: [c, d].
    Tensor Rotation(CentredRows rows, Tensor whitening)
    {
        var rotation = Orthogonal(Start((int)whitening.shape[0]));
        for (var iteration = 0; iteration < MaxIterations; iteration++)
        {
            using var scope = NewDisposeScope();
            var next = Orthogonal(Step(rows, rotation, whitening));
            var turned = (next * rotation).sum(dim: 1).ToDoubles().Max(cosine => Math.Abs(Math.Abs(cosine) - 1));
            rotation.Dispose();
            rotation = next.MoveToOuterDisposeScope();
            if (turned < Tolerance) break;
        }
        return rotation;
    }

    // E[g(Wu)uᵀ] − diag(E[1 − g(Wu)²]) W. Whitening goes into W, so that no whitened rows are kept.
    static Tensor Step(CentredRows rows, Tensor rotation, Tensor whitening)
    {
        var unmixing = OrderedAlgebra.Product(rotation, whitening).T.contiguous();
        var d = whitening.shape[1];
        var sums = rows.Sum(x =>
        {
            var g = OrderedAlgebra.Product(x, unmixing).tanh();
            return cat([OrderedAlgebra.Product(g, x, transposed: true), OrderedAlgebra.SumOfRows(g * g).T], 1);
        }) / tensor((double)rows.Count);
        var slopes = ones(rotation.shape[0], 1, dtype: float64) - sums.narrow(1, d, 1);
        return OrderedAlgebra.Product(sums.narrow(1, 0, d), whitening.T) - slopes * rotation;
    }

    // (WWᵀ)^{−1/2} W.
    static Tensor Orthogonal(Tensor w)
    {
        var (values, vectors) = OrderedAlgebra.Eigen(OrderedAlgebra.Product(w, w.T));
        return OrderedAlgebra.Product(vectors / values.sqrt(), OrderedAlgebra.Product(vectors, w, transposed: true));
    }

    Tensor Start(int count)
    {
        var random = new CounterRandom(CounterRandom.Key(Seed, StartPurpose));
        var values = new double[count * count];
        for (var i = 0; i < values.Length; i++) values[i] = random.NextNormal();
        return tensor(values, count, count);
    }
}

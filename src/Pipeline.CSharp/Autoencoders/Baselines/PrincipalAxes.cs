using static TorchSharp.torch;

namespace Superposition.Autoencoders;

/// <summary>The covariance of rows, Σxxᵀ/N = Σ_s λ_s v_s v_sᵀ, λ descending; in double precision.</summary>
/// <param name="Variances">[d] λ.</param>
/// <param name="Directions">[d, d] Row s is v_s, of norm 1; either sign is as good.</param>
internal sealed record PrincipalAxes(Tensor Variances, Tensor Directions)
{
    /// <summary>Variances below this share of the largest are rounding of activations in single precision.</summary>
    const double LeastShare = 1e-12;

    /// <summary>How many dimensions the rows lie in.</summary>
    public int Rank
    {
        get
        {
            var variances = Variances.ToDoubles();
            return variances.Count(variance => variance > LeastShare * variances[0]);
        }
    }

    /// <summary>Of rows.</summary>
    public static PrincipalAxes Of(CentredRows rows)
    {
        var squares = rows.Sum(x => OrderedAlgebra.Product(x, x, transposed: true));
        var (variances, columns) = OrderedAlgebra.Eigen(squares / tensor((double)rows.Count));
        return new(variances.flip(0), columns.T.flip(0));   // LAPACK counts upwards and keeps eigenvectors in columns
    }
}

namespace Superposition.Analysis.Oracles

open Superposition.Analysis

/// The linear toy model x̂ = W Wᵀ x + b, solved: it is weighted PCA of independent features, and stores no more than d of them.
/// Toy Models of Superposition, "Demonstrating Superposition".
[<RequireQualifiedAccess>]
module LinearModel =
    /// L = Σ_i I_i E(x_i − x̂_i)² without sampling, for W: [n, d] and b: [n]. With G = W Wᵀ, means μ_j = p_j/2 and variances v_j,
    /// L = Σ_i I_i {Σ_j (δ_ij − G_ij)² v_j + (μ_i − Σ_j G_ij μ_j − b_i)²}.
    let loss (features: IndependentFeatures) (W: float[,]) (b: float[]) : float =
        let gram = Gram.ofRows W

        Array.init gram.Size (fun i ->
            let missing j =
                (if i = j then 1.0 else 0.0) - gram[i, j]

            let mutable variance, mean = 0.0, -b[i]

            for j in 0 .. gram.Size - 1 do
                let p = features.Density[j]
                variance <- variance + missing j ** 2.0 * ExactLoss.ofDropped p
                mean <- mean + missing j * p / 2.0

            features.Importance[i] * (variance + mean * mean))
        |> Array.sum

    /// Indices of the features that the optimum stores, ascending: the d of largest I_i v(p_i).
    let stored (features: IndependentFeatures) (d: int) : int[] =
        Array.map2 (fun I p -> I * ExactLoss.ofDropped p) features.Importance features.Density
        |> Array.indexed
        |> Array.sortByDescending snd
        |> Array.truncate d
        |> Array.map fst
        |> Array.sort

    /// The least loss, Σ I_i v(p_i) over the features that are not stored.
    let optimum (features: IndependentFeatures) (d: int) : float =
        let stored = set (stored features d)

        Seq.zip features.Importance features.Density
        |> Seq.indexed
        |> Seq.sumBy (fun (i, (I, p)) -> if stored.Contains i then 0.0 else I * ExactLoss.ofDropped p)

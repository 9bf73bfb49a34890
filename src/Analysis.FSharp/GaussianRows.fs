/// Rows without structure beyond mean and covariance.
[<RequireQualifiedAccess>]
module Superposition.Analysis.GaussianRows

open System

/// [d] the mean of rows: [N, d].
let private means (rows: float[,]) =
    Array.init (Array2D.length2 rows) (fun c -> Array.average rows[*, c])

/// [d, d] the covariance of rows: [N, d], divided by N.
let covariance (rows: float[,]) : float[,] =
    let means = means rows
    let n = Array2D.length1 rows
    let columns = Array2D.init means.Length n (fun c r -> rows[r, c] - means[c])
    (Gram.ofRows columns).Products |> Array2D.map (fun sum -> sum / float n)

/// [N, d] as many gaussian rows with the mean and the covariance of the given ones: what an autoencoder, or a test, makes of activations
/// that hold no features.
let alike (seed: int) (rows: float[,]) : float[,] =
    let random = Random seed
    let means = means rows
    let own = Eigen.symmetric (covariance rows)

    // [d, d] row c is what direction c is of the eigenvectors at their standard deviations.
    let root =
        Array2D.init means.Length means.Length (fun c s -> own.Vectors[s, c] * sqrt (max 0.0 own.Values[s]))

    Array2D.init (Array2D.length1 rows) means.Length (fun _ _ -> Statistics.normal random)
    |> fun draws -> Gram.between draws root
    |> Array2D.mapi (fun _ c x -> x + means[c])

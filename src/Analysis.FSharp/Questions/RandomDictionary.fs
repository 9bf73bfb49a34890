namespace Superposition.Analysis.Questions

open System
open Superposition.Analysis

/// Directions without arrangement in the space that a dictionary really uses.
[<RequireQualifiedAccess>]
module RandomDictionary =
    /// Directions along which the frame operator has less than this share of its largest eigenvalue are rounding.
    [<Literal>]
    let private Rounding = 1e-9

    /// Lengths may differ from 1 by so much before the last scaling; the second moment is then right to as much.
    [<Literal>]
    let private LengthTolerance = 1e-3

    /// After so many rounds without that, the lengths are set and the second moment is left where it is.
    [<Literal>]
    let private MostRounds = 50

    /// [m, d] the rows at length 1, rows of length 0 left out.
    let unit (W: float[,]) : float[,] =
        let norms = Gram.norms W

        let live =
            norms
            |> Array.indexed
            |> Array.filter (fun (_, norm) -> norm > 0.0)
            |> Array.map fst

        Array2D.init live.Length (Array2D.length2 W) (fun i c -> W[live[i], c] / norms[live[i]])

    let private scaledInPlace (rows: float[,]) =
        let norms = Gram.norms rows

        norms
        |> Array.iteri (fun i norm ->
            for c in 0 .. Array2D.length2 rows - 1 do
                rows[i, c] <- rows[i, c] / norm)

        norms |> Array.fold (fun worst norm -> max worst (abs (norm - 1.0))) 0.0

    /// [r, r] the map A with Aᵀ (Σ g gᵀ) A = diag λ for rows g.
    let private towards (eigenvalues: float[]) (rows: float[,]) =
        let own = Eigen.symmetric (Spectrum.frameOperator rows)
        let r = eigenvalues.Length

        // F^(−1/2), the symmetric root: where F is near diag λ the map is near the identity.
        let root =
            Array2D.init r r (fun s c -> own.Vectors[s, c] / Math.Pow(own.Values[s], 0.25))
            |> Spectrum.frameOperator

        Array2D.init r r (fun i j -> root[i, j] * sqrt eigenvalues[j])

    /// Draws random unit rows that have, all together, the second moment F = Σ ŵ ŵᵀ of the given rows at length 1, and with it
    /// their mean squared cosine: the same span, as many dimensions used as unevenly, but no arrangement beyond that. Random
    /// directions in all of R^d would be the wrong yardstick where activations fill a part of it; and draws from the gaussian
    /// with covariance F/m are more coherent than rows whose own F it is. For gaussian rows g of whatever covariance the draws
    /// are exchangeable with the rows: G = U F^½ with U uniform over the orthonormal frames, independent of F. Unit length is then
    /// reached by turns of scaling and of restoring F. Coordinates are those of F's eigenvectors: cosines do not ask.
    let withSecondMoment (W: float[,]) : Random -> float[,] =
        let eigen = Eigen.symmetric (Spectrum.frameOperator (unit W))

        let eigenvalues =
            eigen.Values
            |> Array.takeWhile (fun value -> value > Rounding * eigen.Values[0])

        let m, r = Array2D.length1 (unit W), eigenvalues.Length

        fun random ->
            let mutable rows = Array2D.init m r (fun _ _ -> Statistics.normal random)
            let mutable round = 0
            let mutable off = infinity

            while off > LengthTolerance && round < MostRounds do
                rows <- Gram.between rows (Gram.transposed (towards eigenvalues rows))
                off <- scaledInPlace rows
                round <- round + 1

            rows

    /// Draws m independent directions, uniform over those of R^d.
    let uniform (m: int) (d: int) : Random -> float[,] =
        fun random -> Array2D.init m d (fun _ _ -> Statistics.normal random) |> unit

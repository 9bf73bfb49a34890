namespace Superposition.Analysis.Questions

open System
open Superposition.Analysis

/// Dictionaries whose answers are known, to ask the questions about geometry of. Their random numbers are made otherwise than
/// those of the nulls they are held against: normals by the polar method, rotations by reflections.
[<RequireQualifiedAccess>]
module KnownDictionaries =
    /// A standard normal (Marsaglia & Bray 1964).
    let rec private normal (random: Random) =
        let x, y = 2.0 * random.NextDouble() - 1.0, 2.0 * random.NextDouble() - 1.0
        let s = x * x + y * y

        if s > 0.0 && s < 1.0 then
            x * sqrt (-2.0 * log s / s)
        else
            normal random

    /// [rows, d] directions at random, gaussian with standard deviation scales.[c] along axis c before they have length 1.
    let directions (scales: float[]) (rows: int) (random: Random) : float[,] =
        Array2D.init rows scales.Length (fun _ c -> scales[c] * normal random)
        |> RandomDictionary.unit

    /// The rows turned all alike by a rotation or a reflection, uniform over all: a product of d reflections, of which number c is in
    /// a gaussian direction of the last c + 1 axes (Stewart 1980).
    let turned (random: Random) (W: float[,]) : float[,] =
        let n, d = Array2D.length1 W, Array2D.length2 W
        let turned = Array2D.copy W

        for first in d - 1 .. -1 .. 0 do
            let x = Array.init (d - first) (fun _ -> normal random)
            let flip = if x[0] < 0.0 then 1.0 else -1.0
            // The mirror that takes x to the axis: v = x + sign(x₀) ‖x‖ e₀.
            let v = Array.copy x
            v[0] <- x[0] - flip * sqrt (Array.sumBy (fun value -> value * value) x)
            let squared = Array.sumBy (fun value -> value * value) v

            for i in 0 .. n - 1 do
                let mutable along = 0.0

                for c in 0 .. v.Length - 1 do
                    along <- along + v[c] * turned[i, first + c]

                for c in 0 .. v.Length - 1 do
                    turned[i, first + c] <- turned[i, first + c] - 2.0 * along / squared * v[c]

                turned[i, first] <- flip * turned[i, first]

        turned

    /// The rows, each with gaussian noise of about this length.
    let blurred (noise: float) (random: Random) (W: float[,]) : float[,] =
        let each = noise / sqrt (float (Array2D.length2 W))
        W |> Array2D.map (fun value -> value + each * normal random)

    /// [Σ k, d] polytopes in spaces of their own at right angles, as a toy model leaves them; refused where they need more than d.
    let polytopes (d: int) (shapes: Polytope list) : float[,] =
        let corners = shapes |> List.map Polytopes.vertices
        let needed = corners |> List.sumBy Array2D.length2

        if needed > d then
            invalidArg (nameof d) $"The polytopes need {needed} dimensions; {d} were given."

        let W = Array2D.zeroCreate (corners |> List.sumBy Array2D.length1) d
        let mutable row, column = 0, 0

        for shape in corners do
            Array2D.blit shape 0 0 W row column (Array2D.length1 shape) (Array2D.length2 shape)
            row <- row + Array2D.length1 shape
            column <- column + Array2D.length2 shape

        W

    /// [28, 8] lines of which any two have |cosine| 1/3, Welch's bound: the places of two threes in (3, 3, −1, −1, −1, −1, −1, −1)/√24,
    /// in the 7 dimensions where coordinates add up to 0 (Lemmens & Seidel 1973).
    let equiangular: float[,] =
        let pairs =
            [|
                for a in 0..7 do
                    for b in a + 1 .. 7 do
                        a, b
            |]

        Array2D.init pairs.Length 8 (fun i c ->
            let a, b = pairs[i]
            (if c = a || c = b then 3.0 else -1.0) / sqrt 24.0)

    /// Rows one below the other.
    let stacked (above: float[,]) (below: float[,]) : float[,] =
        let n = Array2D.length1 above

        Array2D.init (n + Array2D.length1 below) (Array2D.length2 above) (fun i c ->
            if i < n then above[i, c] else below[i - n, c])

    /// Each row turned round or not, by the toss of a coin.
    let flipped (random: Random) (W: float[,]) : float[,] =
        let signs =
            Array.init (Array2D.length1 W) (fun _ -> if random.NextDouble() < 0.5 then -1.0 else 1.0)

        W |> Array2D.mapi (fun i _ value -> signs[i] * value)

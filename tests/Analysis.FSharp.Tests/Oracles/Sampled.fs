/// The ReLU output model's loss by other means than the product's: quadrature over every active set, and Monte Carlo.
[<RequireQualifiedAccess>]
module Superposition.Analysis.Tests.Oracles.Sampled

open System
open Superposition.Analysis.Oracles

/// E over U[0,1] of (target + own x − ReLU(z + g x))²: a square on the side where the ReLU is closed, another where it is open.
let private innermost (target: float) (own: float) (z: float) (g: float) =
    let zero = Math.Clamp(-z / g, 0.0, 1.0)

    let square low high (a: float) (b: float) =
        // ∫ (a + b x)² by Simpson's rule, exact for squares.
        let at x = (a + b * x) * (a + b * x)
        (high - low) / 6.0 * (at low + 4.0 * at (0.5 * (low + high)) + at high)

    let isOpen x = z + g * x > 0.0

    let part low high =
        if isOpen (0.5 * (low + high)) then
            square low high (target - z) (own - g)
        else
            square low high target own

    if Double.IsNaN zero then
        part 0.0 1.0
    else
        part 0.0 zero + part zero 1.0

/// Exact in one dimension; the others are cut into panels of two Gauss nodes. Kinks inside a panel cost panels⁻³ at most.
let quadrature (panels: int) (features: IndependentFeatures) (W: float[,]) (b: float[]) : float =
    let n, d = Array2D.length1 W, Array2D.length2 W

    let G =
        Array2D.init n n (fun i j -> Seq.sum (seq { for c in 0 .. d - 1 -> W[i, c] * W[j, c] }))

    let nodes =
        [|
            for panel in 0 .. panels - 1 do
                for offset in [ 0.5 - 0.5 / sqrt 3.0; 0.5 + 0.5 / sqrt 3.0 ] do
                    (float panel + offset) / float panels
        |]

    let rec mean i (active: int list) target z =
        match active with
        | [] -> (target - max 0.0 z) ** 2.0
        | [ j ] -> innermost target (if i = j then 1.0 else 0.0) z G[i, j]
        | j :: rest ->
            let mutable sum = 0.0

            for x in nodes do
                sum <- sum + mean i rest (if i = j then x else target) (z + G[i, j] * x)

            sum / float nodes.Length

    Seq.sum (
        seq {
            for set in 0 .. (1 <<< n) - 1 do
                let isActive i = (set >>> i) &&& 1 = 1

                let probability =
                    Seq.fold
                        (fun product i ->
                            product
                            * (if isActive i then
                                   features.Density[i]
                               else
                                   1.0 - features.Density[i]))
                        1.0
                        [ 0 .. n - 1 ]

                for i in 0 .. n - 1 do
                    // The feature with the steepest slope is innermost.
                    let active =
                        [ 0 .. n - 1 ] |> List.filter isActive |> List.sortBy (fun j -> abs G[i, j])

                    probability * features.Importance[i] * mean i active 0.0 b[i]
        }
    )

/// Mean and standard error over so many samples.
let monteCarlo (seed: int) (samples: int) (features: IndependentFeatures) (W: float[,]) (b: float[]) : float * float =
    let random = Random seed
    let n, d = Array2D.length1 W, Array2D.length2 W
    let x, h = Array.zeroCreate n, Array.zeroCreate d
    let mutable sum, squares = 0.0, 0.0

    for _ in 1..samples do
        for i in 0 .. n - 1 do
            x[i] <-
                if random.NextDouble() < features.Density[i] then
                    random.NextDouble()
                else
                    0.0

        for c in 0 .. d - 1 do
            h[c] <- 0.0

            for i in 0 .. n - 1 do
                h[c] <- h[c] + W[i, c] * x[i]

        let mutable loss = 0.0

        for i in 0 .. n - 1 do
            let mutable z = b[i]

            for c in 0 .. d - 1 do
                z <- z + W[i, c] * h[c]

            loss <- loss + features.Importance[i] * (x[i] - max 0.0 z) ** 2.0

        sum <- sum + loss
        squares <- squares + loss * loss

    let mean = sum / float samples
    mean, sqrt ((squares / float samples - mean * mean) / float samples)

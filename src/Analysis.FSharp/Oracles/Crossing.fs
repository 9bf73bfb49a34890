namespace Superposition.Analysis.Oracles

open System
open Superposition.Analysis

/// Five features in the plane: where the pentagon and two digons (two antipodal pairs, the fifth feature dropped) are equally good.
/// Training from either side stays where it is well past this point; only losses say which is the optimum.
[<RequireQualifiedAccess>]
module Crossing =
    /// The best local optimum below the starts that still has the shape; None when every one left it.
    let private settle
        (features: IndependentFeatures)
        (shape: Shape)
        (starts: (float[,] * float[]) seq)
        : Solution option =
        starts
        |> Seq.map (Optimum.from features)
        |> Seq.filter (fun solution -> (Geometry.arrangement solution.W).Shape = shape)
        |> Seq.sortBy _.Loss
        |> Seq.tryHead

    /// The features around the circle in every order that is no rotation or reflection of another: 12, or one where all are alike.
    let private circles (features: IndependentFeatures) =
        let rec permutations (items: int list) =
            match items with
            | [] -> [ [] ]
            | _ ->
                [
                    for first in items do
                        for rest in permutations (List.except [ first ] items) -> first :: rest
                ]

        let kinds = Array.zip features.Density features.Importance

        [
            for order in permutations [ 1..4 ] do
                if order[0] < order[3] then
                    0 :: order
        ]
        |> List.distinctBy (List.map (fun i -> kinds[i]))

    /// The best pentagon.
    let pentagon (features: IndependentFeatures) : Solution option =
        circles features
        |> Seq.map (fun order ->
            let place = List.permute (fun at -> order[at]) [ 0..4 ]

            Array2D.init 5 2 (fun i c ->
                let angle = 2.0 * Math.PI * float place[i] / 5.0
                1.1 * (if c = 0 then cos angle else sin angle)),
            Array.create 5 -0.1)
        |> settle features (Polygon 5)

    /// The best two digons of features 0 to 3, feature 4 dropped, over the three ways to pair them. The start has W_4 = 0
    /// exactly, which symmetry keeps where the partners of each pair are alike, even if it is a saddle.
    let twoDigons (features: IndependentFeatures) : Solution option =
        [
            [| 0, 1.0; 0, -1.0; 1, 1.0; 1, -1.0 |]
            [| 0, 1.0; 1, 1.0; 0, -1.0; 1, -1.0 |]
            [| 0, 1.0; 1, 1.0; 1, -1.0; 0, -1.0 |]
        ]
        |> Seq.map (fun axes ->
            Array2D.init 5 2 (fun i c -> if i < 4 && fst axes[i] = c then snd axes[i] else 0.0),
            Array.init 5 (fun i -> if i = 4 then features.Density[4] / 2.0 else 0.01))
        |> settle features (AntipodalPairs 2)

    /// Pentagon's loss less the two digons'.
    let private lead (features: IndependentFeatures) =
        match pentagon features, twoDigons features with
        | Some pentagon, Some digons -> pentagon.Loss - digons.Loss
        | pentagon, _ ->
            let left = if pentagon.IsNone then "pentagon" else "two digons"
            invalidOp $"No local optimum of {features} is a {left}; look for the crossing in a narrower range."

    /// The parameter of a family of worlds at which the two are equally good, by bisection to 10⁻⁵; they must lead at opposite ends.
    let find (family: float -> IndependentFeatures) (low: float) (high: float) : float =
        let atLow, atHigh = lead (family low), lead (family high)

        if sign atLow = sign atHigh then
            invalidArg
                (nameof high)
                $"The same arrangement leads by {abs atLow} at {low} and by {abs atHigh} at {high}; widen the range."

        let rec bisect low high =
            let middle = 0.5 * (low + high)

            if high - low < 1e-5 then
                middle
            elif sign (lead (family middle)) = sign atLow then
                bisect middle high
            else
                bisect low middle

        bisect low high

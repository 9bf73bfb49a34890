module Superposition.Analysis.Tests.Oracles.LinearModelTests

open Superposition.Analysis.Oracles
open Superposition.Analysis.Tests
open Xunit

let private features =
    {
        Density = [| 0.9; 0.2; 0.5 |]
        Importance = [| 1.0; 0.6; 0.8 |]
    }

/// E over every active set, and over U[0,1] at two Gauss nodes a feature, which are exact for squares.
let private enumerated (features: IndependentFeatures) (W: float[,]) (b: float[]) =
    let n, d = Array2D.length1 W, Array2D.length2 W

    let values p =
        [ 1.0 - p, 0.0; p / 2.0, 0.5 - 0.5 / sqrt 3.0; p / 2.0, 0.5 + 0.5 / sqrt 3.0 ]

    let rec rows i =
        if i = n then
            [ 1.0, [] ]
        else
            [
                for probability, x in values features.Density[i] do
                    for rest, xs in rows (i + 1) -> probability * rest, x :: xs
            ]

    rows 0
    |> List.sumBy (fun (probability, x) ->
        let hidden =
            Array.init d (fun c -> x |> List.mapi (fun i x -> W[i, c] * x) |> List.sum)

        x
        |> List.mapi (fun i x ->
            let output = b[i] + Seq.sum (Seq.init d (fun c -> W[i, c] * hidden[c]))
            probability * features.Importance[i] * (x - output) ** 2.0)
        |> List.sum)

[<Fact>]
let ``The loss is the mean over every row there can be`` () =
    for seed in 1..20 do
        let W = Shapes.random seed 3 2
        let b = Array.init 3 (fun i -> 0.2 * float (i - seed % 3))
        Expect.near 1e-12 (enumerated features W b) (LinearModel.loss features W b)

[<Fact>]
let ``The optimum stores what weighs most, and no neighbour of it is better`` () =
    // I v(p): 0.0975, 0.034 and 0.083.
    Assert.Equal<int[]>([| 0; 2 |], LinearModel.stored features 2)
    let W = array2D [ [ 1.0; 0.0 ]; [ 0.0; 0.0 ]; [ 0.0; 1.0 ] ]
    let b = [| 0.0; 0.1; 0.0 |]
    Expect.near 1e-12 (LinearModel.optimum features 2) (LinearModel.loss features W b)

    for seed in 1..50 do
        let change = Shapes.random seed 4 3

        let moved =
            LinearModel.loss
                features
                (W |> Array2D.mapi (fun i c w -> w + 0.05 * change[c, i]))
                (b |> Array.mapi (fun i b -> b + 0.05 * change[2, i]))

        Assert.True(moved >= LinearModel.optimum features 2 - 1e-12)

[<Fact>]
let ``With a dimension for every feature nothing is lost`` () =
    Assert.Equal(0.0, LinearModel.optimum features 3)

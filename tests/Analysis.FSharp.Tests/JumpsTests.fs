module Superposition.Analysis.Tests.JumpsTests

open Superposition.Analysis
open Xunit

/// [T, n] Features as columns, each given as a list over time.
let private over (features: float list list) = features |> List.transpose |> array2D

let private jumps = Jumps.between 0.03 0.1

[<Fact>]
let ``A feature that leaves one level for another jumps, from its last look there to its first here`` () =
    let jump = over [ [ 0.51; 0.5; 0.55; 0.6; 0.65; 0.66 ] ] |> jumps |> Assert.Single
    Assert.Equal((0, 1, 4), (jump.Feature, jump.First, jump.Last))
    Assert.Equal((0.5, 2.0 / 3.0), (jump.From.Value, jump.To.Value))

[<Fact>]
let ``Who returns to its level, or wavers between neighbouring ones, has not jumped`` () =
    over
        [
            [ 0.5; 0.6; 0.58; 0.5 ]
            [ 0.4; 0.375; 0.4; 0.39 ]
            [ 0.74; 0.7; 0.66; 0.75 ]
        ]
    |> jumps
    |> Assert.Empty

[<Fact>]
let ``A feature that never settles again is not counted`` () =
    over [ [ 0.5; 0.55; 0.6; 0.57 ] ] |> jumps |> Assert.Empty

[<Fact>]
let ``Features that move are counted between looks, whichever way they go`` () =
    let D =
        over [ [ 0.0; 0.2; 0.5; 0.5 ]; [ 0.5; 0.5; 0.3; 0.29 ]; [ 0.1; 0.1; 0.1; 0.1 ] ]

    Assert.Equal<int[]>([| 1; 2; 0 |], Jumps.moving 0.02 D)

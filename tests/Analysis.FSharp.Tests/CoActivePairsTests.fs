module Superposition.Analysis.Tests.CoActivePairsTests

open System
open Superposition.Analysis
open Xunit

/// 100 rows: 0 and 1 are on together on the even ones, 2 on the odd, 3 on every fourth, 4 on one row, 5 always, 6 never.
let private codes =
    Array.init 100 (fun r ->
        [|
            if r % 2 = 0 then
                0, 1.0
                1, 1.0
            else
                2, 1.0
            if r % 4 < 2 then
                3, 1.0
            if r = 7 then
                4, 1.0
            5, 1.0
        |])
    |> SparseCodes.ofPairs 7

[<Fact>]
let ``Pairs come by how much they are on together, the rare, the constant and the silent in none`` () =
    let pairs = CoActivePairs.ofCodes 5.0 codes
    Assert.Equal(6, pairs.Length)
    Assert.All(pairs, (fun pair -> Assert.True(pair.A < pair.B && pair.B <= 3)))
    Assert.Equal((0, 1), (pairs[5].A, pairs[5].B))
    Assert.Equal(1.0, pairs[5].Phi, 12)
    Assert.Equal<int list>([ 2; 2 ], [ for pair in pairs[..1] -> pair.B ])
    Assert.Equal(-1.0, pairs[0].Phi, 12)
    Assert.Equal(0.0, pairs[3].Phi, 12)

[<Fact>]
let ``Of rarer pairs more are left where less is asked`` () =
    Assert.Equal(10, (CoActivePairs.ofCodes 0.2 codes).Length)

[<Fact>]
let ``The extremes are a share of the pairs, one each at least`` () =
    let pairs = CoActivePairs.ofCodes 5.0 codes
    let least, most = CoActivePairs.extremes 0.01 pairs
    Assert.Equal(-1.0, (Assert.Single least).Phi, 12)
    Assert.Equal(1.0, (Assert.Single most).Phi, 12)
    let least, most = CoActivePairs.extremes 0.5 pairs
    Assert.Equal((3, 3), (least.Length, most.Length))

    Assert.Throws<ArgumentException>(fun () -> CoActivePairs.extremes 0.5 [||] |> ignore)
    |> ignore

[<Fact>]
let ``The angle is that of lines`` () =
    Assert.Equal(90.0, CoActivePairs.angle 0.0, 12)
    Assert.Equal(60.0, CoActivePairs.angle 0.5, 12)
    Assert.Equal(60.0, CoActivePairs.angle -0.5, 12)
    Assert.Equal(0.0, CoActivePairs.angle 1.0000001, 12)

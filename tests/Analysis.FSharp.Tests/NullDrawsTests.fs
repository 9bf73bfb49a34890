module Superposition.Analysis.Tests.NullDrawsTests

open System
open Superposition.Analysis
open Xunit

[<Fact>]
let ``A value counts itself among the draws that reach it`` () =
    let draws = [| 1.0; 2.0; 3.0; 4.0 |]
    Expect.near 1e-12 (3.0 / 5.0) (NullDraws.beside 3.0 draws).P
    Expect.near 1e-12 (1.0 / 5.0) (NullDraws.beside 9.0 draws).P
    Expect.near 1e-12 1.0 (NullDraws.beside 0.0 draws).P
    let middle = NullDraws.beside 2.5 draws
    Expect.near 1e-12 0.0 middle.Z
    Assert.Equal(2.5, middle.NullMean)

[<Fact>]
let ``Discoveries of the worked example of Benjamini and Hochberg`` () =
    // Benjamini & Hochberg 1995, section 3.2: fifteen p-values, four rejected at 0.05.
    let p =
        [|
            0.0001
            0.0004
            0.0019
            0.0095
            0.0201
            0.0278
            0.0298
            0.0344
            0.0459
            0.3240
            0.4262
            0.5719
            0.6528
            0.7590
            1.0
        |]

    Assert.Equal<bool[]>(Array.init 15 (fun i -> i < 4), NullDraws.discoveries 0.05 p)
    // In any order.
    Assert.Equal<bool[]>(Array.init 15 (fun i -> i >= 11), NullDraws.discoveries 0.05 (Array.rev p))

[<Fact>]
let ``A p-value above its own line is a discovery where a larger one lies below its line`` () =
    Assert.Equal<bool[]>([| true; true; false |], NullDraws.discoveries 0.05 [| 0.03; 0.033; 0.9 |])
    Assert.Equal<bool[]>([| false; false |], NullDraws.discoveries 0.05 [| 0.2; 0.9 |])
    Assert.Empty(NullDraws.discoveries 0.05 [||])
